#include "logins/app_password_uses.h"

#include <exception>
#include <utility>

#include "net/patience.h"

namespace posthouse::accountd {
namespace {

constexpr std::chrono::seconds kInterval{2};       // between two writes
constexpr std::chrono::minutes kBetweenWrites{1};  // of the same password

}  // namespace

void AppPasswordUses::note(store::AppPasswordId password, const Connection& connection) {
  if (entries_.size() >= kMost && !entries_.contains(password)) return;
  Entry& entry = entries_[password];
  entry.use = {password, clock_(), connection.protocol, connection.remoteAddress};
  entry.isWritten = false;
}

std::vector<store::AppPasswordUse> AppPasswordUses::due(bool isLast) {
  const auto now = clock_();
  std::vector<store::AppPasswordUse> uses;
  for (auto place = entries_.begin(); place != entries_.end();) {
    Entry& entry = place->second;
    const bool isTime = now - entry.writtenAt >= kBetweenWrites;
    if (!entry.isWritten && (isTime || isLast)) {
      uses.push_back(entry.use);
      entry.isWritten = true;
      entry.writtenAt = now;
    } else if (entry.isWritten && isTime) {
      place = entries_.erase(place);
      continue;
    }
    ++place;
  }
  return uses;
}

Task<> AppPasswordUses::write(db::Database& database, const observe::Log& log, bool isLast) {
  const std::vector<store::AppPasswordUse> uses = due(isLast);
  if (uses.empty()) co_return;
  const auto job = [&](db::Transaction& transaction) { store::AppPasswordRepository(transaction).noteUses(uses); };
  try {
    co_await database.transact(job, db::Repeat::harmless);
  } catch (const std::exception& failure) {
    log.warn("app_password.use_not_written", failure.what(), {{"passwords", static_cast<std::int64_t>(uses.size())}});
  }
}

Task<> AppPasswordUses::run(net::Loop& loop, db::Database& database, observe::Log log, std::stop_token stop) {
  try {
    while (true) {
      co_await write(database, log, /*isLast=*/false);
      co_await loop.sleep(kInterval, stop);
    }
  } catch (const net::Interrupted&) {
  }
  co_await write(database, log, /*isLast=*/true);
}

}  // namespace posthouse::accountd
