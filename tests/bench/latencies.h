#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace posthouse::bench {

using Clock = std::chrono::steady_clock;

inline double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// How long each of many things took.
class Latencies {
 public:
  void add(Clock::duration took) { milliseconds_.push_back(std::chrono::duration<double, std::milli>(took).count()); }
  /// The value below which this share of all is; 0 without any.
  double milliseconds(double share) const;

 private:
  std::vector<double> milliseconds_;
};

}  // namespace posthouse::bench
