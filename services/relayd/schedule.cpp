#include "schedule.h"

#include <algorithm>

namespace posthouse::relayd {

std::optional<Schedule::TimePoint> Schedule::next(int attempts, TimePoint now, TimePoint expiresAt) const {
  if (now >= expiresAt) return std::nullopt;
  const auto index = std::min(static_cast<std::size_t>(std::max(attempts, 1)), pauses_.size()) - 1;
  return std::min(now + pauses_[index], expiresAt);
}

}  // namespace posthouse::relayd
