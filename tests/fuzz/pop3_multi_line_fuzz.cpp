// What TOP and dot-stuffing send does not depend on how a message is cut into pieces, and a client that undoes the
// stuffing finds the one end of the response at its end.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pop3/multi_line.h"
#include "pop3/top.h"

using namespace posthouse::pop3;

namespace {

std::string respond(std::string_view message, std::uint64_t lines, std::size_t pieceSize) {
  TopFilter filter(lines);
  DotStuffer stuffer;
  std::string out;
  while (!message.empty()) {
    const std::string_view piece = message.substr(0, pieceSize);
    out += stuffer.stuff(std::string(filter.pass(piece)));
    message.remove_prefix(piece.size());
  }
  stuffer.finish(out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view message(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::uint64_t lines = data[0];
  const std::string whole = respond(message, lines, message.size() + 1);
  if (respond(message, lines, std::size_t{data[1]} + 1) != whole) std::abort();

  // The response's lines as a client that ends a line at LF sees them: the first "." is the last line.
  std::size_t start = 0;
  while (whole.substr(start, whole.find('\n', start) - start) != ".\r") {
    start = whole.find('\n', start) + 1;
    if (start == whole.size()) std::abort();
  }
  if (start + 3 != whole.size()) std::abort();
  return 0;
}
