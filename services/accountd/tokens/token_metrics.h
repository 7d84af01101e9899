#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

#include "observe/buckets.h"
#include "tokens/refusal.h"

namespace posthouse::accountd {

/// Of what tokens are verified with. Made only where there are issuers, whose names are the labels: as many as are
/// configured.
struct TokenMetrics {
  explicit TokenMetrics(prometheus::Registry& registry)
      : tokens(prometheus::BuildCounter()
                   .Name("posthouse_oauth_tokens_total")
                   .Help("Bearer tokens judged, by what came of it.")
                   .Register(registry)),
        keysFetched(prometheus::BuildGauge()
                        .Name("posthouse_oauth_keys_fetched_timestamp_seconds")
                        .Help("When the keys of an issuer were fetched last; 0 before the first time.")
                        .Register(registry)),
        keyFetches(prometheus::BuildCounter()
                       .Name("posthouse_oauth_key_fetches_total")
                       .Help("Tries to fetch the keys of an issuer.")
                       .Register(registry)),
        introspections(prometheus::BuildHistogram()
                           .Name("posthouse_oauth_introspection_duration_seconds")
                           .Help("Questions to an issuer about a token.")
                           .Register(registry)) {
    count("ok");
    count("unavailable");
    for (const TokenRefusal refusal : kTokenRefusals) count(label(refusal));
  }

  prometheus::Counter& count(std::string_view result) { return tokens.Add({{"result", std::string(result)}}); }
  prometheus::Gauge& fetchedAt(const std::string& issuer) { return keysFetched.Add({{"issuer", issuer}}); }
  prometheus::Counter& fetches(const std::string& issuer, bool isOk) {
    return keyFetches.Add({{"issuer", issuer}, {"result", isOk ? "ok" : "error"}});
  }
  prometheus::Histogram& introspection(const std::string& issuer, bool isOk) {
    return introspections.Add({{"issuer", issuer}, {"result", isOk ? "ok" : "error"}}, observe::fastBuckets());
  }

  prometheus::Family<prometheus::Counter>& tokens;
  prometheus::Family<prometheus::Gauge>& keysFetched;
  prometheus::Family<prometheus::Counter>& keyFetches;
  prometheus::Family<prometheus::Histogram>& introspections;
};

}  // namespace posthouse::accountd
