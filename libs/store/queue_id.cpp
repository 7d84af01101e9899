#include "store/queue_id.h"

#include <random>

#include "base/ascii.h"

namespace posthouse::store {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's: no I, L, O, U
constexpr std::size_t kLength = 13;                                       // 65 bits: the first letter is 0 to F
constexpr int kInstanceBits = 16;
constexpr int kCounterBits = 6;
constexpr std::chrono::sys_days kEpoch{std::chrono::year{2020} / 1 / 1};

}  // namespace

std::string toText(QueueId id) {
  auto value = static_cast<std::uint64_t>(id);
  std::string text(kLength, '0');
  for (std::size_t at = kLength; at-- > 0; value >>= 5) text[at] = kDigits[value & 31];
  return text;
}

std::optional<QueueId> parseQueueId(std::string_view text) {
  if (text.size() != kLength) return std::nullopt;
  std::uint64_t value = 0;
  for (char letter : text) {
    letter = ascii::toUpper(letter);
    if (letter == 'O') letter = '0';
    if (letter == 'I' || letter == 'L') letter = '1';
    const std::size_t digit = kDigits.find(letter);
    if (digit == std::string_view::npos || (value >> 59) != 0) return std::nullopt;
    value = value << 5 | digit;
  }
  return static_cast<QueueId>(value);
}

QueueIdMint::QueueIdMint(WallClock clock) : QueueIdMint(std::move(clock), std::random_device{}()) {}

QueueIdMint::QueueIdMint(WallClock clock, std::uint64_t instance)
    : clock_(std::move(clock)), instance_(instance & ((1U << kInstanceBits) - 1)) {}

QueueId QueueIdMint::next() {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(clock_() - kEpoch).count();
  // A clock set back, or more ids than the counter holds in a millisecond: go on from the last one.
  if (static_cast<std::uint64_t>(now) > millisecond_) {
    millisecond_ = static_cast<std::uint64_t>(now);
    counter_ = 0;
  } else if (++counter_ == 1U << kCounterBits) {
    ++millisecond_;
    counter_ = 0;
  }
  return static_cast<QueueId>(millisecond_ << (kInstanceBits + kCounterBits) | counter_ << kInstanceBits | instance_);
}

}  // namespace posthouse::store
