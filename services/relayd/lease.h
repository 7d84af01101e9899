#pragma once
#include <chrono>
#include <stdexcept>

#include "smtpclient/content.h"

namespace posthouse::relayd {

/// The lease was not renewed in time: another worker may send the mail by now.
class LeaseLost : public std::runtime_error {
 public:
  LeaseLost() : std::runtime_error("the lease could not be kept") {}
};

/// How long recipients are ours for certain. Counted from before the queue was asked, so that it never ends later than
/// the queue says.
class Lease {
 public:
  using Clock = std::chrono::steady_clock;

  Lease(Clock::time_point asked, std::chrono::seconds duration) { renewed(asked, duration); }

  void renewed(Clock::time_point asked, std::chrono::seconds duration) {
    end_ = asked + duration;
    reserve_ = duration / 3;
  }
  /// Whether a third of it is left: for the other side's reply, and to note it in the queue.
  bool isSafe() const { return Clock::now() + reserve_ < end_; }

 private:
  Clock::time_point end_;
  Clock::duration reserve_;
};

/// Content whose final dot is not sent unless the lease is safe: what the other side has then cannot be taken back.
class LeasedContent final : public smtpclient::Content {
 public:
  LeasedContent(std::string_view octets, const Lease& lease) : content_(octets), lease_(lease) {}
  void rewind() override { content_.rewind(); }
  /// Throws LeaseLost.
  Task<std::string_view> next() override {
    const std::string_view piece = co_await content_.next();
    if (piece.empty() && !lease_.isSafe()) throw LeaseLost();
    co_return piece;
  }

 private:
  smtpclient::MemoryContent content_;
  const Lease& lease_;
};

}  // namespace posthouse::relayd
