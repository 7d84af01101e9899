#pragma once
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

namespace posthouse::observe {

/// The standard process_* series, read from /proc/self when Prometheus asks.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace posthouse::observe
