#include "base/base32.h"

#include <cstdint>

namespace posthouse::base32 {

std::string encode(std::string_view octets) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  text.reserve((octets.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;  // of which the lowest `count` are still to be written
  unsigned count = 0;
  for (const char octet : octets) {
    bits = (bits << 8) | static_cast<unsigned char>(octet);
    count += 8;
    for (; count >= 5; count -= 5) text += kAlphabet[(bits >> (count - 5)) & 31];
  }
  if (count > 0) text += kAlphabet[(bits << (5 - count)) & 31];
  return text;
}

}  // namespace posthouse::base32
