#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace posthouse::store {

/// Names a message from MAIL FROM to its last delivery or bounce. 64 bits: milliseconds since 1970 in the upper 44,
/// then a counter and the number of the instance that minted it, so that ids of one second stand together in the index.
enum class QueueId : std::int64_t {};

/// 13 letters of Crockford's base 32.
std::string toText(QueueId id);
/// Either case; O is 0, I and L are 1.
std::optional<QueueId> parseQueueId(std::string_view text);

/// Mints ids that no other instance mints: each instance of a program has a random number of 8 bits, each id a counter
/// of 12.
class QueueIdMint {
 public:
  explicit QueueIdMint(WallClock clock);
  QueueId next();

 private:
  WallClock clock_;
  std::uint64_t instance_;
  std::uint64_t millisecond_ = 0;
  std::uint64_t counter_ = 0;
};

}  // namespace posthouse::store
