#include "defence/origin.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "net/address.h"

namespace posthouse::accountd {
namespace {

constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

constexpr unsigned widthOf(bool isIpv6) {
  return isIpv6 ? 128 : 32;
}

}  // namespace

std::optional<Block> Block::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  Block block;
  if (inet_pton(AF_INET, host.c_str(), block.octets_.data()) != 1) {
    block.isIpv6_ = true;
    if (inet_pton(AF_INET6, host.c_str(), block.octets_.data()) != 1) return std::nullopt;
    if (std::ranges::equal(kMapped, std::span(block.octets_).first<12>())) {
      block.isIpv6_ = false;
      std::memmove(block.octets_.data(), block.octets_.data() + kMapped.size(), 4);
      std::fill(block.octets_.begin() + 4, block.octets_.end(), 0);
    }
  }
  block.bits_ = widthOf(block.isIpv6_);
  if (slash == std::string_view::npos) return block;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > block.bits_) return std::nullopt;
  return block.within(bits);
}

Block Block::within(unsigned bits) const {
  Block larger = *this;
  larger.bits_ = std::min(bits, bits_);
  for (std::size_t i = 0; i < larger.octets_.size(); ++i) {
    const auto kept = std::clamp<int>(static_cast<int>(larger.bits_) - static_cast<int>(i) * 8, 0, 8);
    larger.octets_[i] &= static_cast<unsigned char>(0xff00 >> kept);
  }
  return larger;
}

std::string Block::text() const {
  std::array<char, INET6_ADDRSTRLEN> host{};
  inet_ntop(isIpv6_ ? AF_INET6 : AF_INET, octets_.data(), host.data(), host.size());
  std::string text = host.data();
  if (bits_ < widthOf(isIpv6_)) text += "/" + std::to_string(bits_);
  return text;
}

Origin::Origin(const Block& client)
    : client(client),
      narrow(client.within(client.isIpv6() ? 64 : 32).text()),
      wide(client.within(client.isIpv6() ? 48 : 24).text()),
      isPrivate(net::isPrivate({.host = client.text(), .path = {}})) {}

std::optional<Origin> Origin::of(std::string_view remoteAddress) {
  const std::optional<Block> client = Block::parse(remoteAddress);
  if (!client) return std::nullopt;
  return Origin(*client);
}

}  // namespace posthouse::accountd
