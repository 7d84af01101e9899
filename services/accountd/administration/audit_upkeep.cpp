#include "administration/audit_upkeep.h"

#include <exception>

#include "net/patience.h"
#include "store/audit_repository.h"

namespace posthouse::accountd {
namespace {

constexpr std::chrono::hours kInterval{1};
constexpr int kStep = 1'000;  // rows in one transaction

}  // namespace

Task<std::int64_t> pruneAudit(db::Database& database, std::chrono::system_clock::time_point before) {
  const auto job = [&](db::Transaction& transaction) {
    return store::AuditRepository(transaction).prune(before, kStep);
  };
  std::int64_t removed = 0;
  std::int64_t step = kStep;
  while (step == kStep) {
    step = co_await database.transact(job, db::Repeat::harmless);
    removed += step;
  }
  co_return removed;
}

Task<> keepAuditShort(net::Loop& loop, db::Database& database, std::chrono::milliseconds age, observe::Log log,
                      std::stop_token stop) {
  if (age.count() == 0) co_return;
  try {
    while (true) {
      try {
        const std::int64_t removed = co_await pruneAudit(database, std::chrono::system_clock::now() - age);
        if (removed > 0) log.info("audit.pruned", "Old entries of the audit were removed", {{"entries", removed}});
      } catch (const std::exception& failure) {
        log.warn("audit.not_pruned", failure.what());
      }
      co_await loop.sleep(kInterval, stop);
    }
  } catch (const net::Interrupted&) {
    co_return;
  }
}

}  // namespace posthouse::accountd
