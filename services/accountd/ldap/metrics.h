#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "observe/buckets.h"

namespace posthouse::accountd::ldap {

/// Of one directory; its name is a label.
class Metrics {
 public:
  enum class Operation { search, bind };
  enum class Result { found, nothing, failed };  // of a bind: right, wrong
  enum class Recall { hit, stale, miss };

  Metrics(prometheus::Registry& registry, const std::string& directory) {
    auto& operations = prometheus::BuildCounter()
                           .Name("posthouse_ldap_operations_total")
                           .Help("Questions to external directories, and how they ended.")
                           .Register(registry);
    auto& seconds = prometheus::BuildHistogram()
                        .Name("posthouse_ldap_operation_duration_seconds")
                        .Help("How long questions to external directories took, waiting for a connection included.")
                        .Register(registry);
    auto& busy = prometheus::BuildGauge()
                     .Name("posthouse_ldap_connections_busy")
                     .Help("Connections to external directories that are in use.")
                     .Register(registry);
    auto& cache = prometheus::BuildCounter()
                      .Name("posthouse_ldap_cache_total")
                      .Help("Addresses that were looked for in what is remembered of external directories.")
                      .Register(registry);
    for (std::size_t i = 0; i < kOperations.size(); ++i) {
      const std::string operation(kOperations[i]);
      for (std::size_t j = 0; j < kResults.size(); ++j)
        operations_[i][j] =
            &operations.Add({{"directory", directory}, {"operation", operation}, {"result", std::string(kResults[j])}});
      seconds_[i] = &seconds.Add({{"directory", directory}, {"operation", operation}}, observe::fastBuckets());
      busy_[i] = &busy.Add({{"directory", directory}, {"operation", operation}});
    }
    for (std::size_t i = 0; i < kRecalls.size(); ++i)
      recalls_[i] = &cache.Add({{"directory", directory}, {"result", std::string(kRecalls[i])}});
  }

  void ended(Operation operation, Result result, std::chrono::duration<double> took) {
    operations_[at(operation)][static_cast<std::size_t>(result)]->Increment();
    seconds_[at(operation)]->Observe(took.count());
  }
  void recalled(Recall recall) { recalls_[static_cast<std::size_t>(recall)]->Increment(); }
  prometheus::Gauge& busy(Operation operation) { return *busy_[at(operation)]; }

 private:
  static constexpr std::array<std::string_view, 2> kOperations{"search", "bind"};
  static constexpr std::array<std::string_view, 3> kResults{"ok", "nothing", "failed"};
  static constexpr std::array<std::string_view, 3> kRecalls{"hit", "stale", "miss"};

  static std::size_t at(Operation operation) { return static_cast<std::size_t>(operation); }

  std::array<std::array<prometheus::Counter*, 3>, 2> operations_{};
  std::array<prometheus::Histogram*, 2> seconds_{};
  std::array<prometheus::Gauge*, 2> busy_{};
  std::array<prometheus::Counter*, 3> recalls_{};
};

}  // namespace posthouse::accountd::ldap
