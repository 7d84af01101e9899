#pragma once
#include <algorithm>
#include <string_view>

#include "base/ascii.h"

namespace posthouse::sasl {

/// "A 16-octet value which is sent in hexadecimal format, using lower-case ASCII characters" (RFC 1939 §7, RFC 2195
/// §2).
constexpr bool isMd5Digits(std::string_view text) noexcept {
  return text.size() == 32 &&
         std::ranges::all_of(text, [](char c) { return ascii::isDigit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace posthouse::sasl
