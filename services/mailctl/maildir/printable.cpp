#include "maildir/printable.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"

namespace posthouse::mailctl::maildir {
namespace {

/// How many octets the character has that the text begins with; 0 if it is none, or one that controls the terminal.
std::size_t lengthOfCharacter(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  if (ascii::isControl(text.front())) return 0;
  for (std::size_t length = 1; length <= kLongest && length <= text.size(); ++length) {
    const std::string_view character = text.substr(0, length);
    if (!utf8::isValid(character)) continue;
    return character >= "\xC2\x80" && character <= "\xC2\x9F" ? 0 : length;  // C1
  }
  return 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = lengthOfCharacter(text);
    if (length == 0) {
      shown += fmt::format("\\x{:02X}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    } else {
      shown += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return shown;
}

}  // namespace posthouse::mailctl::maildir
