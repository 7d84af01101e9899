#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "async/task.h"
#include "defence/counters.h"

namespace posthouse::accountd {

/// Where the places are kept that all accountds know.
class PlaceStore {
 public:
  virtual ~PlaceStore() = default;
  /// Names that logged in from a network lately, `most` at most.
  virtual Task<std::vector<std::int64_t>> namesAt(std::string network, int most) = 0;
};

/// From which networks accounts logged in lately: asked only about networks from which passwords are guessed, told of
/// every login. What was asked is remembered for a while. Bounded. Used on one thread.
class Places {
 public:
  static constexpr int kMostNames = 1'000;  // of one network that are known

  Places(PlaceStore& store, SteadyClock clock) : store_(store), clock_(std::move(clock)) {}

  struct Here {
    bool isKnown = false;
    std::size_t accounts = 0;  // that are known here
  };
  Task<Here> at(std::string network, std::int64_t name);

  /// Who logged in. Nothing is to be written for it more than once a day.
  void note(const std::string& network, std::int64_t name);

  /// Logins from new places, and from old ones whose day is over: networks and names.
  std::pair<std::vector<std::string>, std::vector<std::int64_t>> takeUntold(std::size_t most);
  void giveBack(const std::vector<std::string>& networks, const std::vector<std::int64_t>& names);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Known {
    std::string network;
    std::unordered_set<std::int64_t> names;
    Time asked;
  };
  struct Login {
    Subject subject;
    Time told;
  };

  void keep(Known known);
  void forget(std::list<Login>::iterator login);

  PlaceStore& store_;
  const SteadyClock clock_;
  std::list<Known> known_;  // who was not asked about for the longest time is last
  std::unordered_map<std::string, std::list<Known>::iterator> byNetwork_;
  std::size_t names_ = 0;    // in all of known_
  std::list<Login> logins_;  // in the order of their first of the day, the newest first
  std::unordered_map<std::string, std::unordered_map<std::int64_t, std::list<Login>::iterator>> loginsAt_;
  std::vector<Subject> untold_;
};

}  // namespace posthouse::accountd
