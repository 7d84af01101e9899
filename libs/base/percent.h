#pragma once
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace posthouse {

/// All but unreserved characters as %XX (RFC 3986 §2): also a value of application/x-www-form-urlencoded.
inline std::string percentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (ascii::isAlnum(c) || std::string_view("-._~").contains(c)) {
      encoded += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[octet >> 4], kDigits[octet & 15]};
    }
  }
  return encoded;
}

}  // namespace posthouse
