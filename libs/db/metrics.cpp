#include "db/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>

namespace posthouse::db {
namespace {

using prometheus::Registry;

const prometheus::Histogram::BucketBoundaries kFast = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                       0.1,    0.25,    0.5,    1,     2.5,    5,     10,   25};

/// The classes of SQLSTATE that a mail store meets; every other one is counted as XX, an internal error.
constexpr std::array<std::string_view, 13> kClasses = {"08", "22", "23", "25", "26", "40", "42",
                                                       "53", "54", "55", "57", "58", "XX"};

prometheus::Family<prometheus::Gauge>& connections(Registry& registry) {
  return prometheus::BuildGauge()
      .Name("posthouse_db_pool_connections")
      .Help("Connections to PostgreSQL that are open.")
      .Register(registry);
}

Metrics::Durations durations(Registry& registry, const std::string& query) {
  auto& family =
      prometheus::BuildHistogram()
          .Name("posthouse_db_query_duration_seconds")
          .Help("How long work held a connection: a transaction that writes or reads, or a single statement.")
          .Register(registry);
  return {family.Add({{"query", query}, {"result", "ok"}}, kFast),
          family.Add({{"query", query}, {"result", "error"}}, kFast)};
}

}  // namespace

Metrics::Metrics(Registry& registry, const std::string& pool)
    : poolWait(prometheus::BuildHistogram()
                   .Name("posthouse_db_pool_wait_seconds")
                   .Help("How long work waited for a connection.")
                   .Register(registry)
                   .Add({}, kFast)),
      queueDepth(prometheus::BuildGauge()
                     .Name("posthouse_worker_queue_depth")
                     .Help("Jobs waiting for a worker thread.")
                     .Register(registry)
                     .Add({{"pool", pool}})),
      idle(connections(registry).Add({{"state", "idle"}})),
      used(connections(registry).Add({{"state", "used"}})),
      write(durations(registry, "write")),
      read(durations(registry, "read")),
      single(durations(registry, "single")),
      errors_(prometheus::BuildCounter()
                  .Name("posthouse_db_errors_total")
                  .Help("Errors of PostgreSQL by class of SQLSTATE; 08 is a lost or refused connection.")
                  .Register(registry)) {
  // From the start, so that the first error is an increase.
  for (const std::string_view errorClass : kClasses) {
    for (const char* retryable : {"true", "false"})
      errors_.Add({{"class", std::string(errorClass)}, {"retryable", retryable}});
  }
}

void Metrics::countError(std::string_view sqlState, bool retried) {
  const std::string_view errorClass = sqlState.substr(0, 2);
  const bool isKnown = std::ranges::find(kClasses, errorClass) != kClasses.end();
  errors_.Add({{"class", std::string(isKnown ? errorClass : "XX")}, {"retryable", retried ? "true" : "false"}})
      .Increment();
}

}  // namespace posthouse::db
