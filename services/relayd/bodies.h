#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "net/waiting_line.h"
#include "queue.h"

namespace posthouse::relayd {

/// The bodies of mails that are under way. A mail for a hundred destinations is in memory once, and all of them
/// together hold no more than was configured: who finds no room waits, in the order of coming. One that is larger than
/// all the room goes when it is alone.
class Bodies {
  struct Body {
    store::BlobId id;
    std::uint64_t size;
    std::size_t holders = 0;
    std::optional<std::string> octets = {};  // nothing while it is loaded
  };

 public:
  /// `room`: octets of all. `loop` and `queue` outlive it.
  Bodies(net::Loop& loop, Queue& queue, std::uint64_t room)
      : queue_(queue), room_(room), line_(loop, net::WaitingLine::Wakes::everyone) {}
  Bodies(const Bodies&) = delete;
  Bodies& operator=(const Bodies&) = delete;

  /// Keeps a body in memory.
  class Hold {
   public:
    Hold(Bodies& owner, Body& body) noexcept : owner_(&owner), body_(&body) { ++body.holders; }
    Hold(Hold&& other) noexcept : owner_(other.owner_), body_(std::exchange(other.body_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (body_) owner_->release(*body_);
    }

    const std::string& octets() const noexcept { return *body_->octets; }

   private:
    Bodies* owner_;
    Body* body_;
  };

  /// Nothing if the message has left the queue. Throws Interrupted if `stop` is requested while it waits for room, and
  /// what the queue throws.
  Task<std::optional<Hold>> take(store::Claim claim, std::stop_token stop);

  std::uint64_t held() const noexcept { return held_; }

 private:
  Task<std::optional<Hold>> load(store::Claim claim, Hold hold);
  bool hasRoomFor(std::uint64_t size) const noexcept { return held_ == 0 || size + held_ <= room_; }
  void release(Body& body) noexcept;

  Queue& queue_;
  const std::uint64_t room_;
  std::uint64_t held_ = 0;
  std::map<store::BlobId, Body> bodies_;
  net::WaitingLine line_;  // for room, or for what another one loads
};

}  // namespace posthouse::relayd
