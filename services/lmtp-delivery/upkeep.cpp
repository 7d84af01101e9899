#include "upkeep.h"

namespace posthouse::lmtp_delivery {
namespace {

constexpr int kEmails = 500;  // of one account, which is locked meanwhile
constexpr int kBlobs = 200;
constexpr int kSweptBlobs = 500;
constexpr int kLogRows = 2'000;
constexpr int kKeyPages = 1'000;    // 8 MB
constexpr int kUniqueIdPages = 50;  // some thousand, each a look for its message
constexpr int kRest = 4;            // times what a step took
constexpr std::chrono::hours kChangeLogInterval{1};
constexpr std::chrono::hours kKeysInterval{1};  // between the end of a lap and the next

prometheus::Family<prometheus::Counter>& collected(prometheus::Registry& registry) {
  return prometheus::BuildCounter()
      .Name("posthouse_store_collected_total")
      .Help("Rows that nobody needed any more and that were removed; orphans: found, to be removed.")
      .Register(registry);
}

prometheus::Family<prometheus::Gauge>& backlog(prometheus::Registry& registry) {
  return prometheus::BuildGauge()
      .Name("posthouse_store_collector_backlog")
      .Help("Pieces of work that wait for the collector, counted up to 10,000.")
      .Register(registry);
}

}  // namespace

Upkeep::Upkeep(net::Loop& loop, db::Database& database, const Config& config, const observe::Log& log,
               prometheus::Registry& registry)
    : loop_(loop),
      database_(database),
      config_(config),
      log_(log),
      emails_(collected(registry).Add({{"kind", "email"}})),
      blobs_(collected(registry).Add({{"kind", "blob"}})),
      octets_(prometheus::BuildCounter()
                  .Name("posthouse_store_collected_bytes_total")
                  .Help("Octets of the bodies that were removed, before compression.")
                  .Register(registry)
                  .Add({})),
      orphans_(collected(registry).Add({{"kind", "orphan"}})),
      logRows_(collected(registry).Add({{"kind", "change_log"}})),
      keys_(collected(registry).Add({{"kind", "delivery_key"}})),
      uniqueIds_(collected(registry).Add({{"kind", "unique_id"}})),
      waitingAccounts_(backlog(registry).Add({{"kind", "accounts"}})),
      waitingBlobs_(backlog(registry).Add({{"kind", "blobs"}})) {}

Task<> Upkeep::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    try {
      co_await round(stop);
      co_await loop_.sleep(config_.upkeepInterval, stop);
    } catch (const net::Interrupted&) {
      break;
    }
  }
}

Task<> Upkeep::round(std::stop_token stop) {
  const std::int64_t removedEmails = co_await attempt("emails", &Upkeep::emails, stop);
  const std::int64_t removedBlobs = co_await attempt("blobs", &Upkeep::blobs, stop);
  const std::int64_t foundOrphans = co_await attempt("orphans", &Upkeep::orphans, stop);
  const std::int64_t prunedRows = co_await attempt("change_log", &Upkeep::changeLog, stop);
  const std::int64_t forgottenKeys = co_await attempt("delivery_keys", &Upkeep::keys, stop);
  const std::int64_t forgottenIds = co_await attempt("unique_ids", &Upkeep::uniqueIds, stop);
  co_await attempt("backlog", &Upkeep::countBacklog, stop);
  if (removedEmails + removedBlobs + foundOrphans + prunedRows + forgottenKeys + forgottenIds == 0) co_return;
  log_.info("lmtp.upkeep.done", "what nobody needs any more was removed",
            {{"emails", removedEmails},
             {"blobs", removedBlobs},
             {"orphans", foundOrphans},
             {"change_log_rows", prunedRows},
             {"delivery_keys", forgottenKeys},
             {"unique_ids", forgottenIds}});
}

/// What the stage did; 0 if it failed.
Task<std::int64_t> Upkeep::attempt(std::string_view name, Stage stage, std::stop_token stop) {
  try {
    co_return co_await (this->*stage)(stop);
  } catch (const net::Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    log_.warn("lmtp.upkeep.failed", "what nobody needs any more could not be removed now",
              {{"kind", name}, {"error", error.what()}});
  }
  co_return 0;
}

Task<std::int64_t> Upkeep::countBacklog(std::stop_token stop) {
  const auto left = co_await step([this](store::Collector& c) { return c.backlog(config_.bodyGrace); }, stop);
  waitingAccounts_.Set(static_cast<double>(left.accounts));
  waitingBlobs_.Set(static_cast<double>(left.blobs));
  co_return left.accounts + left.blobs;
}

Task<std::int64_t> Upkeep::emails(std::stop_token stop) {
  std::int64_t removed = 0;
  store::AccountId after{0};
  for (;;) {
    const auto done = co_await step([&](store::Collector& c) { return c.collectEmails(after, kEmails); }, stop);
    if (!done) co_return removed;
    emails_.Increment(static_cast<double>(done->removed));
    removed += done->removed;
    // An account with more to do comes again.
    after = done->removed < kEmails ? done->account : store::AccountId{static_cast<std::int64_t>(done->account) - 1};
  }
}

Task<std::int64_t> Upkeep::blobs(std::stop_token stop) {
  std::int64_t removed = 0;
  for (;;) {
    const auto done =
        co_await step([this](store::Collector& c) { return c.collectBlobs(config_.bodyGrace, kBlobs); }, stop);
    if (done.lookedAt == 0) co_return removed;
    blobs_.Increment(static_cast<double>(done.removed));
    octets_.Increment(static_cast<double>(done.octets));
    removed += done.removed;
  }
}

Task<std::int64_t> Upkeep::orphans(std::stop_token stop) {
  std::int64_t found = 0;
  for (;;) {
    const auto done =
        co_await step([this](store::Collector& c) { return c.sweepBlobs(config_.sweepInterval, kSweptBlobs); }, stop);
    if (done.lookedAt == 0) co_return found;
    orphans_.Increment(static_cast<double>(done.found));
    found += done.found;
  }
}

Task<std::int64_t> Upkeep::changeLog(std::stop_token stop) {
  std::int64_t pruned = 0;
  if (std::chrono::steady_clock::now() < changeLogDue_) co_return pruned;
  store::AccountId after{0};
  for (;;) {
    const auto done = co_await step(
        [&](store::Collector& c) { return c.pruneChangeLog(after, config_.changeLogAge, kLogRows); }, stop);
    if (!done) break;
    logRows_.Increment(static_cast<double>(done->pruned));
    pruned += done->pruned;
    after = done->pruned < kLogRows ? done->account : store::AccountId{static_cast<std::int64_t>(done->account) - 1};
  }
  changeLogDue_ = std::chrono::steady_clock::now() + kChangeLogInterval;
  co_return pruned;
}

Task<std::int64_t> Upkeep::keys(std::stop_token stop) {
  std::int64_t forgotten = 0;
  for (;;) {
    const auto done = co_await step(
        [this](store::Collector& c) {
          return c.sweepKeys(config_.queueKeyAge, config_.retryKeyAge, kKeysInterval, kKeyPages);
        },
        stop);
    keys_.Increment(static_cast<double>(done.removed));
    forgotten += done.removed;
    if (done.isLapOver) co_return forgotten;
  }
}

Task<std::int64_t> Upkeep::uniqueIds(std::stop_token stop) {
  std::int64_t forgotten = 0;
  for (;;) {
    const auto done = co_await step(
        [this](store::Collector& c) { return c.sweepUniqueIds(config_.sweepInterval, kUniqueIdPages); }, stop);
    uniqueIds_.Increment(static_cast<double>(done.removed));
    forgotten += done.removed;
    if (done.isLapOver) co_return forgotten;
  }
}

Task<> Upkeep::rest(std::chrono::steady_clock::duration worked, std::stop_token stop) {
  co_await loop_.sleep(std::chrono::ceil<std::chrono::milliseconds>(worked * kRest), std::move(stop));
}

}  // namespace posthouse::lmtp_delivery
