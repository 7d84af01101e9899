#include "net/proxy_protocol.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>

namespace posthouse::net {

namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kVersion1Limit = 107;
constexpr std::size_t kVersion2Limit = 2048;

std::uint16_t port(std::string_view digits) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) throw SyntaxError("PROXY: a port is no number");
  return value;
}

/// Of the family that the header names; an IPv4 address within IPv6 counts as what it is, as everywhere.
Address textAddress(const std::string& host, std::uint16_t port, sa_family_t family) {
  sockaddr_storage storage{};
  storage.ss_family = family;
  auto* in = reinterpret_cast<sockaddr_in*>(&storage);
  auto* in6 = reinterpret_cast<sockaddr_in6*>(&storage);
  void* octets = &in->sin_addr;
  if (family == AF_INET6) octets = &in6->sin6_addr;
  if (inet_pton(family, host.c_str(), octets) != 1) throw SyntaxError("PROXY: not an address of its family");
  (family == AF_INET6 ? in6->sin6_port : in->sin_port) = htons(port);
  return Address::of(reinterpret_cast<sockaddr*>(&storage));
}

/// "PROXY TCP4 192.0.2.1 192.0.2.25 40000 25\r\n"
std::optional<ProxyHeader> version1(std::string_view octets) {
  const std::size_t end = octets.substr(0, kVersion1Limit).find("\r\n");
  if (end == std::string_view::npos) {
    if (octets.size() >= kVersion1Limit) throw SyntaxError("PROXY: line too long");
    return std::nullopt;
  }
  Cursor in(octets.substr(0, end));
  in.expect("PROXY ");
  ProxyHeader header;
  header.length = end + 2;
  if (in.take("UNKNOWN")) return header;
  const sa_family_t family = in.take("TCP4 ") ? AF_INET : AF_INET6;
  if (family == AF_INET6) in.expect("TCP6 ");
  const auto word = [&] { return in.expectWhile([](char c) { return c != ' '; }, "an address"); };
  const std::string source(word());
  in.expect(" ");
  const std::string destination(word());
  in.expect(" ");
  const std::uint16_t sourcePort = port(word());
  in.expect(" ");
  const std::uint16_t destinationPort = port(word());
  if (!in.atEnd()) throw SyntaxError("PROXY: text after the ports");
  header.source = textAddress(source, sourcePort, family);
  header.destination = textAddress(destination, destinationPort, family);
  return header;
}

Address binaryAddress(const char* octets, const char* portOctets, sa_family_t family) {
  sockaddr_storage storage{};
  storage.ss_family = family;
  if (family == AF_INET) {
    auto* in = reinterpret_cast<sockaddr_in*>(&storage);
    std::memcpy(&in->sin_addr, octets, 4);
    std::memcpy(&in->sin_port, portOctets, 2);
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&storage);
    std::memcpy(&in->sin6_addr, octets, 16);
    std::memcpy(&in->sin6_port, portOctets, 2);
  }
  return Address::of(reinterpret_cast<sockaddr*>(&storage));
}

std::optional<ProxyHeader> version2(std::string_view octets) {
  if (octets.size() < 16) return std::nullopt;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(octets[i]); };
  const std::size_t length = std::size_t{at(14)} << 8 | at(15);
  if (at(12) >> 4 != 2 || (at(12) & 15) > 1) throw SyntaxError("PROXY: unknown version or command");
  if (length > kVersion2Limit) throw SyntaxError("PROXY: header too long");
  if (octets.size() < 16 + length) return std::nullopt;
  ProxyHeader header;
  header.length = 16 + length;
  const bool isLocal = (at(12) & 15) == 0;
  const char* body = octets.data() + 16;
  if (isLocal) return header;
  if (at(13) == 0x11 && length >= 12) {
    header.source = binaryAddress(body, body + 8, AF_INET);
    header.destination = binaryAddress(body + 4, body + 10, AF_INET);
  } else if (at(13) == 0x21 && length >= 36) {
    header.source = binaryAddress(body, body + 32, AF_INET6);
    header.destination = binaryAddress(body + 16, body + 34, AF_INET6);
  } else if (at(13) != 0x00) {
    throw SyntaxError("PROXY: neither TCP over IPv4 nor over IPv6");
  }
  return header;
}

/// A stream behind a PROXY header: other addresses, and what came after the header read first.
class ProxiedStream final : public ByteStream {
 public:
  ProxiedStream(std::unique_ptr<ByteStream> inner, const ProxyHeader& header, std::string ahead)
      : inner_(std::move(inner)),
        peer_(header.source.value_or(inner_->peer())),
        local_(header.destination.value_or(inner_->local())),
        ahead_(std::move(ahead)) {}

  Task<std::size_t> read(std::string& into, Patience patience) override {
    if (ahead_.empty()) co_return co_await inner_->read(into, std::move(patience));
    const std::size_t count = ahead_.size();
    into += std::exchange(ahead_, {});
    co_return count;
  }
  Task<> write(std::string_view octets, Patience patience) override {
    return inner_->write(octets, std::move(patience));
  }
  bool hasPendingInput() const noexcept override { return !ahead_.empty() || inner_->hasPendingInput(); }
  Task<> shutdown(Patience patience) override { return inner_->shutdown(std::move(patience)); }
  bool hasPeerClosed() const noexcept override { return inner_->hasPeerClosed(); }
  bool isAcknowledged() const noexcept override { return inner_->isAcknowledged(); }
  void close() noexcept override { inner_->close(); }
  const Address& peer() const noexcept override { return peer_; }
  const Address& local() const noexcept override { return local_; }

 private:
  std::unique_ptr<ByteStream> inner_;
  Address peer_;
  Address local_;
  std::string ahead_;
};

}  // namespace

std::optional<ProxyHeader> parseProxyHeader(std::string_view octets) {
  const std::size_t compared = std::min(octets.size(), kSignature.size());
  if (octets.substr(0, compared) == kSignature.substr(0, compared)) {
    if (compared < kSignature.size()) return std::nullopt;
    return version2(octets);
  }
  constexpr std::string_view kText = "PROXY ";
  const std::size_t start = std::min(octets.size(), kText.size());
  if (octets.substr(0, start) != kText.substr(0, start))
    throw SyntaxError("PROXY: a header is required here and none came");
  return version1(octets);
}

Task<std::unique_ptr<ByteStream>> acceptProxied(std::unique_ptr<ByteStream> stream, Patience patience) {
  const Deadline deadline(patience);
  std::string octets;
  for (;;) {
    const std::size_t count = co_await stream->read(octets, deadline.left());
    if (count == 0) throw ConnectionLost(stream->peer().text() + ": closed before its PROXY header");
    if (const auto header = parseProxyHeader(octets)) {
      co_return std::make_unique<ProxiedStream>(std::move(stream), *header, octets.substr(header->length));
    }
  }
}

}  // namespace posthouse::net
