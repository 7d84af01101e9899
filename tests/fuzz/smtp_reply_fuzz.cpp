// Lines of any kind make replies or an error, and a reply that is printed reads back to one that prints the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "smtp/announcement.h"
#include "smtp/reply_reader.h"

using namespace posthouse::smtp;

namespace {

/// The replies in `octets`, printed, up to the first error.
std::string reprint(std::string_view octets) {
  ReplyReader reader;
  std::string printed;
  for (std::size_t end; (end = octets.find("\r\n")) != std::string_view::npos; octets.remove_prefix(end + 2)) {
    const auto reply = reader.add(octets.substr(0, end));
    if (!reply) break;
    if (!*reply) continue;
    Announcement(**reply).parameters("SIZE");
    printed += (*reply)->wire();
  }
  return printed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string once = reprint({reinterpret_cast<const char*>(data), size});
  if (once.size() < ReplyReader::kMaxOctets / 2 && reprint(once) != once) std::abort();
  return 0;
}
