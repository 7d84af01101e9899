#pragma once
#include <chrono>
#include <functional>

namespace posthouse {

/// Time of day, as put into messages and rows. Handed in, so that tests decide what time it is.
using WallClock = std::function<std::chrono::system_clock::time_point()>;

inline WallClock systemClock() {
  return [] { return std::chrono::system_clock::now(); };
}

/// For how long things last: never set back. Handed in as well.
using MonotonicClock = std::function<std::chrono::steady_clock::time_point()>;

inline MonotonicClock monotonicClock() {
  return [] { return std::chrono::steady_clock::now(); };
}

}  // namespace posthouse
