#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "net/byte_stream.h"

namespace posthouse::pop3d {

/// A client that sends octets, whatever they are, in segments of one size, and then nothing more.
class OctetClient final : public net::ByteStream {
 public:
  /// `said`: what the session says, in order; outlives it.
  OctetClient(std::string sent, std::size_t segment, std::string& said)
      : sent_(std::move(sent)), segment_(segment), said_(said) {}

  Task<std::size_t> read(std::string& into, net::Patience) override {
    if (closed_) throw net::ConnectionLost("closed by the server");
    const std::size_t count = std::min(segment_, sent_.size() - position_);
    into.append(sent_, position_, count);
    position_ += count;
    co_return count;
  }
  Task<> write(std::string_view octets, net::Patience) override {
    if (closed_) throw net::ConnectionLost("closed by the server");
    said_ += octets;
    co_return;
  }
  bool hasPendingInput() const noexcept override { return false; }
  Task<> shutdown(net::Patience) override { co_return; }
  bool hasPeerClosed() const noexcept override { return position_ == sent_.size(); }
  bool isAcknowledged() const noexcept override { return true; }
  void close() noexcept override { closed_ = true; }
  const net::Address& peer() const noexcept override { return peer_; }
  const net::Address& local() const noexcept override { return local_; }

 private:
  std::string sent_;
  std::size_t segment_;
  std::size_t position_ = 0;
  std::string& said_;
  bool closed_ = false;
  net::Address peer_{"127.0.0.1", 40000, ""};
  net::Address local_{"127.0.0.1", 110, ""};
};

}  // namespace posthouse::pop3d
