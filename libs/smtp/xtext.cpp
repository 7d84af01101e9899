// xtext, RFC 3461 §4.
#include "smtp/xtext.h"

namespace posthouse::smtp::xtext {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

/// xchar = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except for "+" and "="
bool isXchar(char c) {
  return c >= '!' && c <= '~' && c != '+' && c != '=';
}

}  // namespace

std::string encode(std::string_view octets) {
  std::string text;
  for (const char c : octets) {
    if (isXchar(c)) {
      text += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      text += {'+', kHex[octet >> 4], kHex[octet & 15]};
    }
  }
  return text;
}

std::optional<std::string> decode(std::string_view text) {
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (isXchar(text[i])) {
      octets += text[i];
      continue;
    }
    // hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits
    if (text[i] != '+' || i + 2 >= text.size()) return std::nullopt;
    const std::size_t high = kHex.find(text[i + 1]);
    const std::size_t low = kHex.find(text[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    octets += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return octets;
}

}  // namespace posthouse::smtp::xtext
