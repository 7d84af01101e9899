#pragma once
#include <algorithm>
#include <chrono>

#include "async/task.h"
#include "net/loop.h"

namespace posthouse::imapd {

/// The pace of a command that writes many messages slice by slice: the first slices follow each other at once, and
/// after that each is followed by a rest of several times what it took, so that one client cannot take the processors
/// and the disk of PostgreSQL from the deliveries to everybody else (ARCHITECTURE.md, rule 4).
class SlicePace {
 public:
  explicit SlicePace(net::Loop& loop) : loop_(loop) {}

  /// Between two slices.
  Task<> rest() {
    const auto worked = std::chrono::steady_clock::now() - begin_;
    if (++slices_ > kAtOnce) {
      co_await loop_.sleep(std::min(kLongest, std::chrono::ceil<std::chrono::milliseconds>(worked * kTimes)));
    }
    begin_ = std::chrono::steady_clock::now();
  }

 private:
  static constexpr int kAtOnce = 3;
  static constexpr int kTimes = 3;
  static constexpr std::chrono::milliseconds kLongest{500};

  net::Loop& loop_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  int slices_ = 0;
};

}  // namespace posthouse::imapd
