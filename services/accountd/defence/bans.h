#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "defence/counters.h"
#include "defence/origin.h"
#include "store/defence_repository.h"

namespace posthouse::accountd {

struct Ban {
  Subject subject;
  std::string address;  // of the account, if it is about one
  std::string reason;
  bool isAutomatic = true;
  int times = 1;  // how manieth in a row
  std::chrono::steady_clock::time_point until;
};

/// The bans that hold, and those that were over lately, whose next lasts longer. Bounded: when it is full, no new one
/// is taken but what an administrator made. Used on one thread.
class Bans {
 public:
  Bans(std::size_t capacity, SteadyClock clock) : capacity_(capacity), clock_(std::move(clock)) {}

  /// What bans a client that wants to be `name`. One that an administrator made goes before others, then one of a
  /// narrower network: who is at home there is so in every wider one.
  const Ban* find(const Origin* origin, std::int64_t name) const;
  bool holds(const Subject& subject) const { return holding(subject) != nullptr; }
  /// The next one in a row of this subject would be the how manieth.
  int nextTimes(const Subject& subject) const;

  void add(Ban ban);
  /// What the database knows.
  void learn(const store::LoginBan& ban);

  /// Bans that the database has not been told.
  std::vector<store::LoginBan> takeUntold();
  void giveBack(const std::vector<store::LoginBan>& bans);

  std::size_t active() const;
  /// Lets go of what has been over for so long that it counts for nothing.
  void forgetOld();

 private:
  const Ban* holding(const Subject& subject) const;
  void put(Ban ban);
  void count(const Subject& subject, int change);

  const std::size_t capacity_;
  const SteadyClock clock_;
  std::unordered_map<Subject, Ban, SubjectHash> bans_;
  std::map<std::pair<bool, unsigned>, int> prefixes_;  // how many there are of IPv6 or not, and of a prefix length
  std::unordered_set<Subject, SubjectHash> untold_;
};

}  // namespace posthouse::accountd
