#pragma once
#include <chrono>
#include <list>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "directory/directory.h"

namespace posthouse::directory {

/// Remembers what another directory said (ARCHITECTURE.md, rule 6): who was found for a while, and for longer while the
/// other cannot be asked; who was not found only for a moment, because new accounts should work at once.
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
  void forget(const std::string& address) override;

 private:
  struct Entry {
    std::string address;
    Resolution resolution;
    std::chrono::steady_clock::time_point at;
  };

  const Entry* find(const std::string& address, std::chrono::seconds found);
  void remember(std::string address, const Resolution& resolution);

  Directory& source_;
  Times times_;
  MonotonicClock clock_;
  std::list<Entry> entries_;                                                    // the one asked for last is in front
  std::unordered_map<std::string_view, std::list<Entry>::iterator> byAddress_;  // views of the entries
};

}  // namespace posthouse::directory
