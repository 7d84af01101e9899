#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace posthouse {

/// 64 octets looked at together: bit i of an answer is about octet i. For scanning bodies, where a look at each octet
/// would take longer than copying it.
class OctetBlock {
 public:
  static constexpr std::size_t kSize = 64;
  static constexpr unsigned kLast = kSize - 1;  // the bit of the last octet

  /// Of the kSize octets at `octets`.
  explicit OctetBlock(const char* octets) noexcept { std::memcpy(&octets_, octets, kSize); }

  std::uint64_t equal(char c) const noexcept {
    return std::bit_cast<std::uint64_t>(__builtin_convertvector(octets_ == c, Bits));
  }
  /// Those of 128 and above.
  std::uint64_t eightBit() const noexcept {
    return std::bit_cast<std::uint64_t>(__builtin_convertvector(octets_ < 0, Bits));
  }

 private:
  using Octets = signed char __attribute__((ext_vector_type(kSize)));
  using Bits = bool __attribute__((ext_vector_type(kSize)));

  Octets octets_;
};

}  // namespace posthouse
