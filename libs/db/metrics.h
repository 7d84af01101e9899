#pragma once
#include <string_view>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
template <class T>
class Family;
}  // namespace prometheus

namespace posthouse::db {

/// What a pool tells about itself. Several pools of one program add to the same series.
struct Metrics {
  explicit Metrics(prometheus::Registry& registry);

  /// `sqlState` is counted by its class, the first two characters.
  void countError(std::string_view sqlState, bool retried);

  prometheus::Histogram& poolWait;
  prometheus::Gauge& idle;
  prometheus::Gauge& used;
  prometheus::Family<prometheus::Counter>& errors;
};

}  // namespace posthouse::db
