#pragma once
#include <algorithm>
#include <chrono>

#include "net/patience.h"
#include "smtpclient/connection.h"

namespace posthouse::smtpclient {

/// The time for a whole undertaking, handed out to its steps.
class Connection::Budget {
 public:
  explicit Budget(net::Patience whole)
      : whole_(std::move(whole)),
        end_(whole_.timeout == net::Patience::kForever ? Clock::time_point::max() : Clock::now() + whole_.timeout) {}

  /// As long as the step may last, and no longer than what is left.
  net::Patience step(std::chrono::milliseconds longest) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
    return {std::clamp(left, std::chrono::milliseconds::zero(), longest), whole_.stop, whole_.wakeup};
  }

 private:
  using Clock = std::chrono::steady_clock;
  net::Patience whole_;
  Clock::time_point end_;
};

}  // namespace posthouse::smtpclient
