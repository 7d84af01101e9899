#pragma once
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace posthouse::relayd {

/// When to try again, RFC 5321 §4.5.4.1: at first soon, then less and less often.
class Schedule {
 public:
  using TimePoint = std::chrono::system_clock::time_point;

  /// The pause after the first, the second … attempt; the last one is for all that follow. Not empty.
  explicit Schedule(std::vector<std::chrono::milliseconds> pauses) : pauses_(std::move(pauses)) {}

  /// After attempt number `attempts` (from 1) that ended at `now`. Never after `expiresAt`, so that mail ends with an
  /// attempt and not with a wait; then nothing: it is given up.
  std::optional<TimePoint> next(int attempts, TimePoint now, TimePoint expiresAt) const;

 private:
  std::vector<std::chrono::milliseconds> pauses_;
};

}  // namespace posthouse::relayd
