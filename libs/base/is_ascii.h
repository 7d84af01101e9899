#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace posthouse::ascii {

/// Whether no octet of it is 8-bit. Looks at all of them, eight at a time: for texts that mostly are ASCII.
inline bool isAscii(std::string_view text) noexcept {
  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + sizeof seen <= text.size(); i += sizeof seen) {
    std::uint64_t octets = 0;
    std::memcpy(&octets, text.data() + i, sizeof octets);
    seen |= octets;
  }
  for (; i < text.size(); ++i) seen |= static_cast<unsigned char>(text[i]);
  return (seen & 0x8080808080808080) == 0;
}

}  // namespace posthouse::ascii
