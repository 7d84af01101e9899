#include "metrics.h"

#include "rules/rule.h"

namespace posthouse::filterd {

namespace {

const prometheus::Histogram::BucketBoundaries kFast{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries kScores{-5, 0, 2, 5, 8, 10, 15, 25};

prometheus::Family<prometheus::Histogram>& stageSeconds(prometheus::Registry& registry) {
  return prometheus::BuildHistogram()
      .Name("posthouse_filter_duration_seconds")
      .Help("Time of a verdict and of its parts.")
      .Register(registry);
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry) : Metrics(registry, stageSeconds(registry)) {}

Metrics::Metrics(prometheus::Registry& registry, prometheus::Family<prometheus::Histogram>& seconds)
    : contentSeconds(seconds.Add({{"stage", "content"}}, kFast)),
      clamdSeconds(seconds.Add({{"stage", "clamd"}}, kFast)),
      totalSeconds(seconds.Add({{"stage", "total"}}, kFast)),
      failOpen(prometheus::BuildCounter()
                   .Name("posthouse_filter_failopen_total")
                   .Help("Messages accepted because a backend gave no answer.")
                   .Register(registry)
                   .Add({})),
      heldOctets(prometheus::BuildGauge()
                     .Name("posthouse_filter_held_bytes")
                     .Help("Octets of the messages that are being judged.")
                     .Register(registry)
                     .Add({})),
      score_(prometheus::BuildHistogram()
                 .Name("posthouse_filter_score")
                 .Help("Scores of messages.")
                 .Register(registry)
                 .Add({}, kScores)) {
  auto& scans =
      prometheus::BuildCounter().Name("posthouse_filter_scans_total").Help("Messages by verdict.").Register(registry);
  for (const char* verdict : {"ham", "spam", "reject", "virus", "defer", "error"}) {
    scans_[verdict] = &scans.Add({{"verdict", verdict}});
  }
  auto& hits =
      prometheus::BuildCounter().Name("posthouse_filter_rule_hits_total").Help("Rules that hit.").Register(registry);
  for (const Rule& rule : rules()) {
    const std::string symbol(rule.symbol);
    ruleHits_[symbol] = &hits.Add({{"rule", symbol}});
  }
  for (const char* symbol : {"CLAMAV", "CLAMAV_AWAY", "CLAMAV_PARTIAL"}) {
    ruleHits_[symbol] = &hits.Add({{"rule", symbol}});
  }
}

void Metrics::count(const Verdict& verdict) {
  const char* kind = verdict.isSpam ? "spam" : "ham";
  if (verdict.decision == Verdict::Decision::reject) kind = verdict.isVirus ? "virus" : "reject";
  if (verdict.decision == Verdict::Decision::defer) kind = "defer";
  scans_.at(kind)->Increment();
  score_.Observe(verdict.score);
  for (const std::string& symbol : verdict.symbols) ruleHits_.at(symbol)->Increment();
}

}  // namespace posthouse::filterd
