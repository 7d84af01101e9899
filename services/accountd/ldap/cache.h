#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"

namespace posthouse::accountd::ldap {

/// What was said of addresses. Up to `most` that are somebody's, and as many that are nobody's, each kind by itself: no
/// stream of invented names drives out those that get mail. Those that were learnt first go first. Whether what is
/// there is young enough is for the caller to say.
template <class Value>
class Cache {
 public:
  enum class Kind { somebody, nobody };
  struct Known {
    Value value;
    Kind kind;
    std::chrono::steady_clock::duration age;
  };

  Cache(std::size_t most, MonotonicClock clock) : most_(most), clock_(std::move(clock)) {}

  std::optional<Known> find(const std::string& address) const {
    const auto found = byAddress_.find(address);
    if (found == byAddress_.end()) return std::nullopt;
    return Known{found->second->value, found->second->kind, clock_() - found->second->learnt};
  }

  void learn(const std::string& address, Value value, Kind kind) {
    if (const auto old = byAddress_.find(address); old != byAddress_.end()) {
      of(old->second->kind).erase(old->second);
      byAddress_.erase(old);
    }
    std::list<Entry>& entries = of(kind);
    if (entries.size() == most_) {
      byAddress_.erase(entries.front().address);
      entries.pop_front();
    }
    entries.push_back({address, std::move(value), kind, clock_()});
    byAddress_.emplace(address, std::prev(entries.end()));
  }

  std::size_t size() const noexcept { return byAddress_.size(); }

 private:
  struct Entry {
    std::string address;
    Value value;
    Kind kind;
    std::chrono::steady_clock::time_point learnt;
  };

  std::list<Entry>& of(Kind kind) { return entries_[static_cast<std::size_t>(kind)]; }

  const std::size_t most_;
  const MonotonicClock clock_;
  std::array<std::list<Entry>, 2> entries_;  // by kind, the oldest first
  std::map<std::string, typename std::list<Entry>::iterator> byAddress_;
};

}  // namespace posthouse::accountd::ldap
