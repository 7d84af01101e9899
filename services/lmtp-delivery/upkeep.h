#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <chrono>
#include <concepts>
#include <stop_token>
#include <type_traits>

#include "async/task.h"
#include "config.h"
#include "db/database.h"
#include "net/loop.h"
#include "observe/log.h"
#include "store/collector.h"

namespace posthouse::lmtp_delivery {

/// Takes away what nobody needs any more (store::Collector), a little at a time and never with more than a fifth of its
/// connection's time, so that deliveries do not notice. Several instances may do so.
class Upkeep {
 public:
  /// `database` is best a pool of its own: deliveries must not wait behind a step.
  /// Metrics: posthouse_store_collected_total, posthouse_store_collected_bytes_total,
  /// posthouse_store_collector_backlog.
  Upkeep(net::Loop& loop, db::Database& database, const Config& config, const observe::Log& log,
         prometheus::Registry& registry);

  /// Round after round until `stop` is pulled.
  Task<> run(std::stop_token stop);
  /// Everything that is due now, once. One kind of work that fails is logged and holds up no other.
  Task<> round(std::stop_token stop);

 private:
  using Stage = Task<std::int64_t> (Upkeep::*)(std::stop_token);
  Task<std::int64_t> attempt(std::string_view name, Stage stage, std::stop_token stop);
  Task<std::int64_t> countBacklog(std::stop_token stop);
  Task<std::int64_t> emails(std::stop_token stop);
  Task<std::int64_t> blobs(std::stop_token stop);
  Task<std::int64_t> orphans(std::stop_token stop);
  Task<std::int64_t> changeLog(std::stop_token stop);
  Task<std::int64_t> keys(std::stop_token stop);
  Task<std::int64_t> uniqueIds(std::stop_token stop);

  /// One call of the collector, then a rest.
  template <std::invocable<store::Collector&> Job>
  Task<std::invoke_result_t<Job&, store::Collector&>> step(Job job, std::stop_token stop) {
    const auto begin = std::chrono::steady_clock::now();
    auto result = co_await database_.single(
        [&job](db::Transaction& transaction) {
          store::Collector collector(transaction);
          return job(collector);
        },
        db::Repeat::harmless);
    co_await rest(std::chrono::steady_clock::now() - begin, std::move(stop));
    co_return result;
  }
  Task<> rest(std::chrono::steady_clock::duration worked, std::stop_token stop);

  net::Loop& loop_;
  db::Database& database_;
  const Config& config_;
  const observe::Log& log_;
  std::chrono::steady_clock::time_point changeLogDue_;

  prometheus::Counter& emails_;
  prometheus::Counter& blobs_;
  prometheus::Counter& octets_;
  prometheus::Counter& orphans_;
  prometheus::Counter& logRows_;
  prometheus::Counter& keys_;
  prometheus::Counter& uniqueIds_;
  prometheus::Gauge& waitingAccounts_;
  prometheus::Gauge& waitingBlobs_;
};

}  // namespace posthouse::lmtp_delivery
