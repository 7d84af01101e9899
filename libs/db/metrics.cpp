#include "db/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

namespace posthouse::db {
namespace {

const prometheus::Histogram::BucketBoundaries kFast = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                       0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5};

prometheus::Family<prometheus::Gauge>& connections(prometheus::Registry& registry) {
  return prometheus::BuildGauge()
      .Name("posthouse_db_pool_connections")
      .Help("Connections to PostgreSQL that are open.")
      .Register(registry);
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry)
    : poolWait(prometheus::BuildHistogram()
                   .Name("posthouse_db_pool_wait_seconds")
                   .Help("How long work waited for a connection.")
                   .Register(registry)
                   .Add({}, kFast)),
      idle(connections(registry).Add({{"state", "idle"}})),
      used(connections(registry).Add({{"state", "used"}})),
      errors(prometheus::BuildCounter()
                 .Name("posthouse_db_errors_total")
                 .Help("Errors of PostgreSQL by class of SQLSTATE; 08 is a lost or refused connection.")
                 .Register(registry)) {
  errors.Add({{"class", "08"}, {"retryable", "true"}});
  errors.Add({{"class", "40"}, {"retryable", "true"}});
}

void Metrics::countError(std::string_view sqlState, bool retried) {
  const std::string errorClass(sqlState.size() >= 2 ? sqlState.substr(0, 2) : "XX");
  errors.Add({{"class", errorClass}, {"retryable", retried ? "true" : "false"}}).Increment();
}

}  // namespace posthouse::db
