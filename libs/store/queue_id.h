#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace posthouse::store {

/// Names a message from MAIL FROM to its last delivery or bounce. 64 bits: milliseconds since 2020 in the upper 42,
/// then a counter and the number of the instance that minted it, so that ids of one second stand together in the index.
enum class QueueId : std::int64_t {};

/// 13 letters of Crockford's base 32.
std::string toText(QueueId id);
/// Either case; O is 0, I and L are 1.
std::optional<QueueId> parseQueueId(std::string_view text);

/// Mints ids that hardly any other instance mints: each has a random number of 16 bits, each id a counter of 6. Two
/// with the same number mint the same id in the same millisecond sooner or later: the queue refuses the second mail
/// (QueueRepository::enqueue), and the key of a delivery names the octets besides the id.
class QueueIdMint {
 public:
  explicit QueueIdMint(WallClock clock);
  QueueIdMint(WallClock clock, std::uint64_t instance);  // of which the lower 16 bits count
  QueueId next();

 private:
  WallClock clock_;
  std::uint64_t instance_;
  std::uint64_t millisecond_ = 0;
  std::uint64_t counter_ = 0;
};

}  // namespace posthouse::store
