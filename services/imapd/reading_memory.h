#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>
#include <utility>

#include "net/waiting_line.h"

namespace posthouse::imapd {

/// What messages that are read whole, to be taken apart or searched, may take in memory together. Who finds no room
/// waits, in the order of coming; who wants more than there is goes when he is alone. Nobody waits for a client while
/// he holds any of it, or asks for more.
class ReadingMemory {
 public:
  /// `room`: octets of all. `loop` outlives it.
  ReadingMemory(net::Loop& loop, std::uint64_t room) : room_(room), line_(loop, net::WaitingLine::Wakes::first) {}
  ReadingMemory(const ReadingMemory&) = delete;
  ReadingMemory& operator=(const ReadingMemory&) = delete;

  /// Some of it, until it is let go.
  class Hold {
   public:
    Hold(ReadingMemory& owner, std::uint64_t octets) noexcept : owner_(&owner), octets_(octets) {
      owner.held_ += octets;
    }
    Hold(Hold&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), octets_(other.octets_) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (owner_) owner_->release(octets_);
    }

   private:
    ReadingMemory* owner_;
    std::uint64_t octets_;
  };

  /// Throws Interrupted if `stop` is requested while it waits.
  Task<Hold> take(std::uint64_t octets, std::stop_token stop);

  std::uint64_t held() const noexcept { return held_; }

 private:
  void release(std::uint64_t octets) noexcept;

  const std::uint64_t room_;
  std::uint64_t held_ = 0;
  net::WaitingLine line_;
};

}  // namespace posthouse::imapd
