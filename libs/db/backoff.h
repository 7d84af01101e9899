#pragma once
#include <chrono>
#include <random>

namespace posthouse::db {

/// How long to stay away from a server that refused: twice as long each time, up to a second. Up to half of it is left
/// to chance, so that those who were refused together do not come back together.
class Backoff {
 public:
  using Duration = std::chrono::microseconds;
  static constexpr Duration kFirst{20'000};
  static constexpr Duration kLongest{1'000'000};

  Duration next(std::minstd_rand& random);
  /// The server took somebody.
  void reset() noexcept { whole_ = kFirst; }

 private:
  Duration whole_ = kFirst;
};

/// How long a job that lost against another waits before its next attempt: long enough that the two do not meet again,
/// growing with the number of the attempt.
Backoff::Duration pauseBefore(int attempt, std::minstd_rand& random);

}  // namespace posthouse::db
