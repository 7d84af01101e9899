#include "poll.h"

#include <algorithm>

#include "db/errors.h"
#include "store/change_repository.h"

namespace posthouse::imapd {
namespace {

constexpr std::size_t kAtOnce = 5000;  // accounts in a query

Task<> pollOnce(db::Database& database, Watchers& watchers) {
  const auto accounts = watchers.accounts();
  for (std::size_t begin = 0; begin < accounts.size(); begin += kAtOnce) {
    const std::span some(accounts.data() + begin, std::min(kAtOnce, accounts.size() - begin));
    const auto modSeqs = co_await database.query(
        [&](db::Transaction& transaction) { return store::ChangeRepository(transaction).modSeqs(some); });
    for (const auto& [account, modSeq] : modSeqs) watchers.polled(account, modSeq);
  }
}

}  // namespace

Task<> pollChanges(net::Loop& loop, db::Database& database, Watchers& watchers, std::chrono::milliseconds interval,
                   observe::Log log, std::stop_token stop) {
  while (true) {
    try {
      co_await loop.sleep(interval, stop);
      co_await pollOnce(database, watchers);
    } catch (const net::Interrupted&) {
      co_return;
    } catch (const std::exception& error) {
      log.warn("imap.poll.failed", "Open accounts could not be polled", {{"error", error.what()}});
    }
  }
}

}  // namespace posthouse::imapd
