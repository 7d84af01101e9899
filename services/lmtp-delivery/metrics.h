#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "mailroom.h"

namespace posthouse::lmtp_delivery {

struct Metrics {
  explicit Metrics(prometheus::Registry& registry);

  prometheus::Counter& recipients(Verdict verdict);

  prometheus::Counter& delivered;
  prometheus::Counter& overQuota;
  prometheus::Counter& noUser;
  prometheus::Counter& temporary;
  prometheus::Counter& permanent;
  prometheus::Histogram& prepare;  // parsed and compressed
  prometheus::Histogram& wait;     // for the transaction before
  prometheus::Histogram& store;    // from there to the commit
  prometheus::Histogram& total;    // from the final dot to the replies
  prometheus::Histogram& batchDeliveries;
  prometheus::Counter& batchesApart;
  prometheus::Counter& appended;
  prometheus::Counter& dedupHits;  // repeats of what is stored already
  prometheus::Counter& dedupMisses;
  prometheus::Counter& quotaExceeded;

 private:
  struct Families;
  Metrics(Families families, prometheus::Registry& registry);
};

}  // namespace posthouse::lmtp_delivery
