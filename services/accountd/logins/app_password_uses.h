#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "db/database.h"
#include "logins/conversation.h"
#include "net/loop.h"
#include "observe/log.h"
#include "store/app_password_repository.h"

namespace posthouse::accountd {

/// When, how and from where app passwords were last used: noted in memory by logins, and written together every few
/// seconds, each password at most once a minute. What a crash loses is a last use, nothing else. Used on one thread.
class AppPasswordUses {
 public:
  explicit AppPasswordUses(WallClock clock = systemClock()) : clock_(std::move(clock)) {}

  void note(store::AppPasswordId password, const Connection& connection);

  /// What is to be written now; all that is not written yet if `isLast`.
  std::vector<store::AppPasswordUse> due(bool isLast = false);

  /// Writes what is due, until the stop, and then the rest.
  Task<> run(net::Loop& loop, db::Database& database, observe::Log log, std::stop_token stop);

 private:
  /// Beyond so many passwords in a minute the others' uses are not noted.
  static constexpr std::size_t kMost = 100'000;

  struct Entry {
    store::AppPasswordUse use{};
    bool isWritten = false;
    std::chrono::system_clock::time_point writtenAt{};
  };

  Task<> write(db::Database& database, const observe::Log& log, bool isLast);

  const WallClock clock_;
  std::map<store::AppPasswordId, Entry> entries_;
};

}  // namespace posthouse::accountd
