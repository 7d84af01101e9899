#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "store/session_repository.h"

namespace posthouse::accountd {

/// The endings of sessions that this process has read: each once, although transactions become visible in another order
/// than that of the numbers that they draw, so that what was read before is read again. A server that took over draws
/// numbers again whose endings it never got: what has another account or time is another ending.
///
/// It also knows which of them a login is later than. Those of one account become visible in the order of their
/// numbers; so what had been read before a login began, its credential was read after.
class Endings {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// Those that are new, in the order of their numbers.
  std::vector<store::SessionEnding> observe(std::vector<store::SessionEnding> read);

  /// A moment, for latestOf.
  std::uint64_t moment() const noexcept { return observed_; }
  /// The highest number of an account's endings that had been observed then; 0: none.
  std::int64_t latestOf(store::AccountId account, std::uint64_t moment) const;

  /// What is older must have been removed from where it is read.
  void forgetBefore(Time time);

 private:
  struct Known {
    store::AccountId account{};
    Time at;
    std::uint64_t place = 0;  // among all that were observed
  };

  bool isKnown(const store::SessionEnding& ending) const;
  void forget(store::AccountId account, std::int64_t number);

  std::uint64_t observed_ = 0;
  std::map<std::int64_t, Known> byNumber_;
  std::unordered_map<store::AccountId, std::vector<std::int64_t>> byAccount_;  // numbers, ascending
};

}  // namespace posthouse::accountd
