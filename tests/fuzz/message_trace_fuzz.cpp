// Trace fields: whatever a client calls itself, each is one field, in lines that end with CRLF and hold no other
// control.
#include "message/trace.h"

#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"
#include "message/header.h"

using namespace posthouse;

namespace {

void checkField(std::string_view octets, std::string_view name) {
  const message::Header header(octets);
  if (header.size() != octets.size() || !header.emptyLine().empty()) std::abort();
  auto field = header.begin();
  if (field == header.end() || field->name != name || ++field != header.end()) std::abort();
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const char c = octets[i];
    const bool endsLine = (c == '\r' && octets.substr(i).starts_with("\r\n")) || (c == '\n' && octets[i - 1] == '\r');
    if (ascii::isControl(c) && c != '\t' && !endsLine) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string half = text.substr(size / 2);
  message::Received received{.helo = text,
                             .clientName = half,
                             .clientAddress = text,
                             .by = half,
                             .with = "ESMTPS",
                             .tls = text,
                             .id = half,
                             .recipient = text,
                             .date = {}};
  checkField(message::renderReceived(received), "Received");
  checkField(message::renderReturnPath(text), "Return-Path");
  return 0;
}
