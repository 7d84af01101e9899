#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "async/task.h"
#include "base/clock.h"
#include "net/loop.h"

namespace posthouse::imapd {

/// The pace at which a session writes many messages slice by slice: the first slices follow each other at once, and
/// after that each is followed by a rest of several times what it took, so that one client cannot take the processors
/// and the disk of PostgreSQL from the deliveries to everybody else (ARCHITECTURE.md, rule 4). Several commands are no
/// way around it: only a while without slices gives the first ones back. A few messages are no slice.
class SlicePace {
 public:
  explicit SlicePace(net::Loop& loop, MonotonicClock clock = monotonicClock())
      : loop_(loop), clock_(std::move(clock)) {}

  /// A command begins with its first slice.
  void begin() {
    begun_ = clock_();
    if (begun_ - ended_ > kForgotten) slices_ = 0;
  }

  /// After a slice of so many messages.
  Task<> rest(std::size_t messages) {
    const auto pause = nextPause(messages);
    if (pause.count() > 0) co_await loop_.sleep(pause);
    begun_ = ended_ = clock_();
  }

  /// What rest() sleeps.
  std::chrono::milliseconds nextPause(std::size_t messages) {
    ended_ = clock_();
    if (messages < kFew || ++slices_ <= kAtOnce) return std::chrono::milliseconds(0);
    return std::min(kLongest, std::chrono::ceil<std::chrono::milliseconds>((ended_ - begun_) * kTimes));
  }

 private:
  static constexpr std::size_t kFew = 100;
  static constexpr int kAtOnce = 3;
  static constexpr int kTimes = 3;
  static constexpr std::chrono::milliseconds kLongest{500};
  static constexpr std::chrono::seconds kForgotten{5};

  net::Loop& loop_;
  MonotonicClock clock_;
  std::chrono::steady_clock::time_point begun_ = {};
  std::chrono::steady_clock::time_point ended_ = {};
  int slices_ = 0;
};

}  // namespace posthouse::imapd
