#include "net/address.h"

#include <algorithm>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstring>

namespace posthouse::net {

namespace {

struct Octets {
  bool sixth = false;
  unsigned char at[16] = {};
};

std::optional<Octets> octetsOf(const std::string& host) {
  Octets octets;
  if (inet_pton(AF_INET, host.c_str(), octets.at) == 1) return octets;
  octets.sixth = true;
  if (inet_pton(AF_INET6, host.c_str(), octets.at) != 1) return std::nullopt;
  static constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(octets.at, kMapped, sizeof kMapped) == 0) {
    octets.sixth = false;
    std::memmove(octets.at, octets.at + 12, 4);
  }
  return octets;
}

template <class T>
std::optional<T> number(std::string_view digits) {
  T value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  Address address;
  if (text.starts_with("unix:")) {
    address.path = text.substr(5);
    if (address.path.empty() || address.path.size() >= sizeof(sockaddr_un::sun_path)) return std::nullopt;
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || !host.contains(':')) return std::nullopt;  // a name needs no brackets
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // an IPv6 address needs brackets
  }
  if (host.find_first_of("[]") != std::string_view::npos) return std::nullopt;
  const auto port = number<std::uint16_t>(text.substr(colon + 1));
  if (!port || host.empty()) return std::nullopt;
  address.host = host;
  address.port = *port;
  return address;
}

Address Address::of(const sockaddr* socketAddress) {
  Address address;
  char text[INET6_ADDRSTRLEN] = "";
  if (socketAddress->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(socketAddress);
    inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
    address.port = ntohs(in->sin_port);
  } else if (socketAddress->sa_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(socketAddress);
    if (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr)) {
      inet_ntop(AF_INET, in->sin6_addr.s6_addr + 12, text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof text);
    }
    address.port = ntohs(in->sin6_port);
  }
  address.host = text;
  return address;
}

bool Address::isLoopback() const noexcept {
  if (isUnix()) return true;
  static const Network four = *Network::parse("127.0.0.0/8");
  static const Network six = *Network::parse("::1");
  return four.contains(*this) || six.contains(*this);
}

std::string Address::text() const {
  if (isUnix()) return "unix:" + path;
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto octets = octetsOf(std::string(text.substr(0, slash)));
  if (!octets) return std::nullopt;
  Network network;
  network.sixth_ = octets->sixth;
  std::memcpy(network.octets_, octets->at, sizeof network.octets_);
  network.prefix_ = octets->sixth ? 128 : 32;
  if (slash != std::string_view::npos) {
    const auto prefix = number<unsigned>(text.substr(slash + 1));
    if (!prefix || *prefix > network.prefix_) return std::nullopt;
    network.prefix_ = *prefix;
  }
  return network;
}

bool Network::contains(const Address& address) const noexcept {
  const auto octets = octetsOf(address.host);
  if (!octets || octets->sixth != sixth_) return false;
  const unsigned whole = prefix_ / 8;
  if (std::memcmp(octets_, octets->at, whole) != 0) return false;
  if (prefix_ % 8 == 0) return true;
  const unsigned mask = 0xffu << (8 - prefix_ % 8);
  return ((octets_[whole] ^ octets->at[whole]) & mask & 0xffu) == 0;
}

bool isPrivate(const Address& address) {
  static const std::vector<Network> kPrivate = [] {
    std::vector<Network> networks;
    for (const char* text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
                             "fc00::/7", "fe80::/10", "::1/128"}) {
      networks.push_back(Network::parse(text).value());
    }
    return networks;
  }();
  return std::ranges::any_of(kPrivate, [&](const Network& network) { return network.contains(address); });
}

}  // namespace posthouse::net
