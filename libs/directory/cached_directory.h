#pragma once
#include <chrono>
#include <string>

#include "base/clock.h"
#include "directory/directory.h"
#include "directory/remembered.h"

namespace posthouse::directory {

/// Remembers what another directory said (ARCHITECTURE.md, rule 6): who was found, and who may send as whom, for a
/// while, and for longer while the other cannot be asked; who was not found, or may not, only for a moment, because new
/// accounts and rights should work at once.
class CachedDirectory final : public Directory {
 public:
  struct Times {
    std::chrono::seconds found = std::chrono::minutes(5);
    std::chrono::seconds foundWhileAway = std::chrono::hours(1);
    std::chrono::seconds notFound{10};
  };
  static constexpr std::size_t kMostAddresses = 100'000;  // those asked for least lately go first

  CachedDirectory(Directory& source, Times times, MonotonicClock clock)
      : source_(source), times_(times), clock_(std::move(clock)) {}

  Task<Resolution> resolve(std::string address) override;
  Task<bool> maySendAs(std::int64_t account, std::string address) override;
  void forget(const std::string& address) override { resolutions_.forget(address); }

 private:
  /// What is known, if it is young enough where found things may be of this age.
  template <class Value>
  const Value* find(Remembered<Value>& known, const std::string& key, std::chrono::seconds found);
  /// What is known or said now.
  template <class Value>
  Task<Value> answer(Remembered<Value>& known, std::string key, Task<Value> question);

  Directory& source_;
  Times times_;
  MonotonicClock clock_;
  Remembered<Resolution> resolutions_{kMostAddresses};
  Remembered<bool> rights_{kMostAddresses};
};

}  // namespace posthouse::directory
