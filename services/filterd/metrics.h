#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>

#include "verdict.h"

namespace posthouse::filterd {

/// The series of filterd; every child exists from the start, so that alerts on them can fire.
class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry);

  void count(const Verdict& verdict);
  void countError() { scans_.at("error")->Increment(); }

  prometheus::Histogram& contentSeconds;  // running the rules
  prometheus::Histogram& clamdSeconds;
  prometheus::Histogram& totalSeconds;  // from the call to the verdict
  prometheus::Counter& failOpen;
  prometheus::Gauge& heldOctets;

 private:
  Metrics(prometheus::Registry& registry, prometheus::Family<prometheus::Histogram>& seconds);

  prometheus::Histogram& score_;
  std::map<std::string, prometheus::Counter*> scans_;     // by verdict
  std::map<std::string, prometheus::Counter*> ruleHits_;  // by symbol
};

}  // namespace posthouse::filterd
