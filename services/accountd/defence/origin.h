#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::accountd {

/// Addresses that begin with the same bits.
class Block {
 public:
  /// "192.0.2.7", "192.0.2.0/24", "2001:db8::/32"; an IPv4-mapped IPv6 address is its IPv4 address. What lies beyond
  /// the prefix is ignored.
  static std::optional<Block> parse(std::string_view text);

  /// The block of `bits` that this one is in; itself if it is larger.
  Block within(unsigned bits) const;
  /// As parse() takes it; one address without its prefix length.
  std::string text() const;

  bool isIpv6() const noexcept { return isIpv6_; }
  unsigned bits() const noexcept { return bits_; }

 private:
  bool isIpv6_ = false;
  unsigned bits_ = 0;
  std::array<unsigned char, 16> octets_{};
};

/// Where a client is, as far as one who attacks from many addresses still is one: an IPv4 address and its /24; the /64
/// of an IPv6 address, which is one customer's, and its /48, which may be.
struct Origin {
  explicit Origin(const Block& client);
  /// Nothing if it is no IP address.
  static std::optional<Origin> of(std::string_view remoteAddress);

  Block client;
  std::string narrow;
  std::string wide;
  bool isPrivate = false;
};

}  // namespace posthouse::accountd
