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
  prometheus::Histogram& store;
  prometheus::Histogram& total;  // from the final dot to the replies
  prometheus::Counter& appended;
  prometheus::Counter& quotaExceeded;

 private:
  struct Families;
  Metrics(Families families, prometheus::Registry& registry);
};

}  // namespace posthouse::lmtp_delivery
