#include "store/collector.h"

namespace posthouse::store {
namespace {

double seconds(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::optional<Collector::Emails> Collector::collectEmails(AccountId after, int most) {
  const auto rows = transaction_.exec("SELECT account_id, emails FROM posthouse.collect_emails($1, $2)", after, most);
  if (rows.empty()) return std::nullopt;
  return Emails{.account = rows[0].get<AccountId>(0), .removed = rows[0].get<std::int64_t>(1)};
}

Collector::Blobs Collector::collectBlobs(std::chrono::milliseconds grace, int most) {
  const auto row =
      transaction_.exec1("SELECT looked_at, blobs, octets FROM posthouse.collect_blobs($1 * interval '1 second', $2)",
                         seconds(grace), most);
  return {.lookedAt = row[0].get<std::int64_t>(0),
          .removed = row[0].get<std::int64_t>(1),
          .octets = row[0].get<std::int64_t>(2)};
}

Collector::Swept Collector::sweepBlobs(std::chrono::milliseconds rest, int most) {
  const auto row = transaction_.exec1("SELECT bodies, orphans FROM posthouse.sweep_blobs($1 * interval '1 second', $2)",
                                      seconds(rest), most);
  return {.lookedAt = row[0].get<std::int64_t>(0), .found = row[0].get<std::int64_t>(1)};
}

std::optional<Collector::Log> Collector::pruneChangeLog(AccountId after, std::chrono::milliseconds age, int most) {
  const auto rows =
      transaction_.exec("SELECT account, pruned FROM posthouse.prune_change_log($1, $2 * interval '1 second', $3)",
                        after, seconds(age), most);
  if (rows.empty()) return std::nullopt;
  return Log{.account = rows[0].get<AccountId>(0), .pruned = rows[0].get<std::int64_t>(1)};
}

Collector::Keys Collector::sweepKeys(std::chrono::milliseconds queueKeyAge, std::chrono::milliseconds retryKeyAge,
                                     std::chrono::milliseconds rest, int pages) {
  const auto row = transaction_.exec1(R"sql(
    SELECT next_page IS NULL, purged
      FROM posthouse.sweep_delivery_keys($1 * interval '1 second', $2 * interval '1 second', $3 * interval '1 second', $4))sql",
                                      seconds(queueKeyAge), seconds(retryKeyAge), seconds(rest), pages);
  return {.isLapOver = row[0].get<bool>(0), .removed = row[0].get<std::int64_t>(1)};
}

Collector::UniqueIds Collector::sweepUniqueIds(std::chrono::milliseconds rest, int pages) {
  const auto row =
      transaction_.exec1("SELECT is_lap_over, removed FROM posthouse.sweep_unique_ids($1 * interval '1 second', $2)",
                         seconds(rest), pages);
  return {.isLapOver = row[0].get<bool>(0), .removed = row[0].get<std::int64_t>(1)};
}

Collector::Backlog Collector::backlog(std::chrono::milliseconds grace) {
  const auto row = transaction_.exec1(
      "SELECT accounts, blobs FROM posthouse.collector_backlog($1 * interval '1 second')", seconds(grace));
  return {.accounts = row[0].get<std::int64_t>(0), .blobs = row[0].get<std::int64_t>(1)};
}

}  // namespace posthouse::store
