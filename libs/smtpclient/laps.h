#pragma once
#include <chrono>
#include <functional>

#include "smtpclient/outcome.h"

namespace posthouse::smtpclient {

/// Told how long a phase took that has just ended, well or not. Greeting and hello are one: `hello`; so are data and
/// end: `data`.
using OnPhase = std::function<void(Phase ended, std::chrono::steady_clock::duration)>;

/// Takes the time of one phase after the other.
class Laps {
 public:
  explicit Laps(const OnPhase& onPhase) : onPhase_(onPhase) {}

  void ended(Phase phase) {
    const Clock::time_point now = Clock::now();
    if (onPhase_) onPhase_(phase, now - begun_);
    begun_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  const OnPhase& onPhase_;
  Clock::time_point begun_ = Clock::now();
};

}  // namespace posthouse::smtpclient
