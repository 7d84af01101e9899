#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>

#include "async/task.h"
#include "net/loop.h"

namespace posthouse::daemon {

/// Tells the sessions of a program to end, but not all at once: their clients come back at once, to the programs that
/// are left, and log in there.
class SpreadStop {
 public:
  /// For a new session.
  std::stop_token token();

  /// Tells all, twenty a second or faster if that would take longer than `atMost`; `sessions` counts those that are
  /// left. Returns when all have been told.
  Task<> request(net::Loop& loop, std::function<std::size_t()> sessions, std::chrono::milliseconds atMost);

 private:
  std::array<std::stop_source, 64> groups_;  // a session belongs to one
  std::size_t next_ = 0;
};

}  // namespace posthouse::daemon
