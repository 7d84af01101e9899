#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"

namespace posthouse::store {

/// Wrong logins of a network, of a name, or of both. A name is a keyed hash; 0: whatever name. No network: from
/// anywhere.
struct LoginFailures {
  std::string network{};
  std::int64_t name = 0;
  std::string address{};  // of the account that has the name; empty: none has, or it is not about one
  double score = 0;       // how many, the old ones less; as of when it is read
  std::string tags{};     // of the last wrong passwords: decimal numbers, a comma between two
};

/// What to change about such a number.
struct LoginFailureChange {
  std::string network{};
  std::int64_t name = 0;
  std::string address{};
  std::int64_t thousandths = 0;  // to add
  bool isCleared = false;        // what was there before goes
  std::string tags{};
};

struct LoginBan {
  std::string network{};
  std::int64_t name = 0;
  std::string address{};
  std::string reason{};
  bool isAutomatic = true;
  int times = 1;  // how manieth in a row
  std::chrono::system_clock::time_point since{};
  std::chrono::milliseconds left{0};  // how long it lasts from now on; negative: it has been over for so long
};

/// What all accountds know together of failed logins. Times are the database's.
class DefenceRepository {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// After `halfLife` a failure counts half.
  DefenceRepository(db::Transaction& transaction, std::chrono::milliseconds halfLife) noexcept
      : transaction_(transaction), halfLife_(static_cast<double>(halfLife.count()) / 1000) {}

  Time now();

  void add(const std::vector<LoginFailureChange>& changes);
  /// What was changed after `after`, the newest first.
  std::vector<LoginFailures> changed(Time after, int limit);
  /// Those that are at least so many, most first.
  std::vector<LoginFailures> most(double least, int limit);
  /// Of a network, or of a name if it is not 0, with whatever else; how many rows it were.
  std::int64_t forget(std::string_view network, std::int64_t name);

  /// In the place of one that there is; of two automatic ones the longer.
  void ban(const std::vector<LoginBan>& bans);
  /// The same as forget(), of bans that are not over.
  std::int64_t lift(std::string_view network, std::int64_t name);
  /// Those first that administrators made.
  std::vector<LoginBan> changedBans(Time after, int limit);
  /// That are not over, the newest first.
  std::vector<LoginBan> bans(int limit);

  /// Names that logged in from a network lately, the last first.
  std::vector<std::int64_t> namesAt(std::string_view network, std::chrono::milliseconds lately, int limit);
  void addPlaces(const std::vector<std::string>& networks, const std::vector<std::int64_t>& names);

  /// Removes up to `limit` rows of each kind: what counts for nothing any more, bans that were over a day ago, places
  /// older than `lately`, and the oldest failures beyond `mostFailures`. How many it were.
  std::int64_t prune(std::chrono::milliseconds lately, std::int64_t mostFailures, int limit);

 private:
  db::Transaction& transaction_;
  const double halfLife_;  // seconds
};

}  // namespace posthouse::store
