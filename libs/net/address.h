#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace posthouse::net {

/// Where something listens or who is at the other end: a host and a port, or a unix socket.
/// Written "127.0.0.1:25", "[::1]:25", "mail.example:25", "unix:/run/x.sock".
struct Address {
  std::string host;  // a name or an IP address without brackets; empty for a unix socket
  std::uint16_t port = 0;
  std::string path;  // of a unix socket

  static std::optional<Address> parse(std::string_view text);
  static Address of(const sockaddr* socketAddress);

  bool isUnix() const noexcept { return !path.empty(); }
  /// 127.0.0.0/8, ::1, ::ffff:127.x, or a unix socket.
  bool isLoopback() const noexcept;
  std::string text() const;

  friend bool operator==(const Address&, const Address&) = default;
};

/// A block of addresses in CIDR notation, as configuration lists them: "10.0.0.0/8", "2001:db8::/32", "192.0.2.1".
class Network {
 public:
  static std::optional<Network> parse(std::string_view text);
  /// False for names and unix sockets. An IPv4-mapped IPv6 address counts as its IPv4 address.
  bool contains(const Address& address) const noexcept;

 private:
  bool sixth_ = false;  // IPv6
  unsigned prefix_ = 0;
  unsigned char octets_[16] = {};
};

/// Of no use outside of its own network: RFC 1918, RFC 4193, link-local, loopback.
bool isPrivate(const Address& address);

}  // namespace posthouse::net
