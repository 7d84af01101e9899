#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace posthouse::lmtp_delivery {

struct ImportMetrics {
  explicit ImportMetrics(prometheus::Registry& registry);

  prometheus::Gauge& running;
  prometheus::Counter& imported;
  prometheus::Counter& present;
  prometheus::Counter& refused;

 private:
  ImportMetrics(prometheus::Family<prometheus::Counter>& messages, prometheus::Registry& registry);
};

}  // namespace posthouse::lmtp_delivery
