// ANONYMOUS, RFC 4505 §2; its "trace" profile §3, with the tables of RFC 3454 appendix C.
#include "sasl/anonymous.h"

#include <algorithm>
#include <cstddef>

#include "base/utf8.h"

namespace posthouse::sasl {
namespace {

constexpr std::size_t kMaxCharacters = 255;
constexpr std::size_t kMaxOctets = kMaxCharacters * 4;

struct Range {
  char32_t first;
  char32_t last;
};

/// C.2.1, C.2.2 (controls), C.3 (private use), C.4 (no characters), C.5 (surrogates: no UTF-8), C.6 (inappropriate for
/// plain text), C.8 (change the display), C.9 (tags). U+nFFFE and U+nFFFF are asked for below.
constexpr Range kProhibited[] = {
    {0x0000, 0x001F},   {0x007F, 0x009F},   {0x0340, 0x0341},   {0x06DD, 0x06DD},    {0x070F, 0x070F},
    {0x180E, 0x180E},   {0x200C, 0x200F},   {0x2028, 0x2029},   {0x202A, 0x202E},    {0x2060, 0x2063},
    {0x206A, 0x206F},   {0xE000, 0xF8FF},   {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},    {0xFFF9, 0xFFFD},
    {0x1D173, 0x1D17A}, {0xE0001, 0xE0001}, {0xE0020, 0xE007F}, {0xF0000, 0x10FFFF},
};

bool isProhibited(char32_t character) {
  return (character & 0xFFFE) == 0xFFFE || std::ranges::any_of(kProhibited, [character](const Range& range) {
           return range.first <= character && character <= range.last;
         });
}

/// The character that valid UTF-8 begins with; takes it off.
char32_t takeCharacter(std::string_view& text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = octet(0);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t character = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) character = character << 6 | (octet(i) & 0x3FU);
  text.remove_prefix(length);
  return character;
}

/// token = 1*255TCHAR; email = addr-spec, of which it is asked only that there is something on both sides of the "@".
bool isTrace(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos && (at == 0 || at + 1 == text.size())) return false;
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == kMaxCharacters || isProhibited(takeCharacter(text))) return false;
  }
  return true;
}

}  // namespace

/// message = [ email / token ]
std::expected<std::string, Malformed> parseAnonymous(std::string_view response) {
  if (response.size() > kMaxOctets || !utf8::isValid(response) || !isTrace(response))
    return std::unexpected(Malformed{"not a trace"});
  return std::string(response);
}

}  // namespace posthouse::sasl
