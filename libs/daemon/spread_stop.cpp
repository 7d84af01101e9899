#include "daemon/spread_stop.h"

#include <algorithm>

namespace posthouse::daemon {

std::stop_token SpreadStop::token() {
  next_ = (next_ + 1) % groups_.size();
  return groups_[next_].get_token();
}

Task<> SpreadStop::request(net::Loop& loop, std::function<std::size_t()> sessions, std::chrono::milliseconds atMost) {
  constexpr std::chrono::milliseconds kForEach{50};
  const auto all = std::min<std::chrono::milliseconds>(atMost, kForEach * static_cast<std::int64_t>(sessions()));
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    groups_[i].request_stop();
    const auto due = begun + all * static_cast<std::int64_t>(i + 1) / static_cast<std::int64_t>(groups_.size());
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
    if (wait.count() > 0 && sessions() > 0) co_await loop.sleep(wait);
  }
}

}  // namespace posthouse::daemon
