// What the filter's rules see of a message: first the octets as they came, then no more than its parts can hold; and
// octets that were attached or written into a text are seen as they were before.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "content.h"
#include "message/builder.h"

using namespace posthouse;

namespace {

void anyMessage(std::string_view octets) {
  std::size_t times = 0;
  std::size_t shown = 0;
  filterd::forEachText(octets, [&](std::string_view text) {
    if (times++ == 0 && (text.data() != octets.data() || text.size() != octets.size())) std::abort();
    if (times > 1) shown += text.size();
  });
  if (times == 0 || times > 2001) std::abort();
  if (shown > 4 * octets.size()) std::abort();  // leaves do not overlap, and no charset makes more of an octet
}

bool isShown(const std::string& message, std::string_view wanted) {
  bool found = false;
  filterd::forEachText(message, [&](std::string_view text) { found = found || text.contains(wanted); });
  return found;
}

void attached(std::string_view octets) {
  const std::array<message::Entity, 2> parts{message::textEntity("see below"),
                                             message::fileEntity(octets, "application/octet-stream", "a.bin")};
  message::HeaderBuilder header;
  header.text("Subject", "a file");
  const std::string message = message::buildMessage(header, message::multipartEntity("mixed", parts));
  if (!isShown(message, octets)) std::abort();
  const std::array<message::Entity, 1> forwarded{message::messageEntity(message)};
  if (!isShown(message::buildMessage(header, message::multipartEntity("mixed", forwarded)), octets)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  anyMessage(octets);
  attached(octets);
  return 0;
}
