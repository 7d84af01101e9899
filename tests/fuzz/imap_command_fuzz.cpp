// Promise: no line, literal or command crashes the reader or the parser; what is refused has a tag and a reason.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "imap/command_reader.h"
#include "imap/parser.h"

using namespace posthouse::imap;

namespace {
/// Plays the octets as a client would send them: lines end in CRLF, literals follow their announcement.
void converse(std::string_view octets) {
  using Next = CommandReader::Next;
  CommandReader reader({.command = 8192});
  while (true) {
    const std::size_t end = octets.find("\r\n");
    const auto next = reader.addLine(octets.substr(0, end));
    octets.remove_prefix(end == std::string_view::npos ? octets.size() : end + 2);
    if (next == Next::message && !parseAppendHead(reader.text())) std::abort();
    if (next != Next::literal) break;
    if (reader.literalSize() > octets.size()) return;
    reader.addLiteral(octets.substr(0, reader.literalSize()));
    octets.remove_prefix(reader.literalSize());
  }
  if (reader.tag().empty()) std::abort();
  const auto parsed = parseCommand(reader.text());
  if (!parsed && (parsed.error().tag.empty() || parsed.error().reason.empty())) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  converse({reinterpret_cast<const char*>(data), size});
  return 0;
}
