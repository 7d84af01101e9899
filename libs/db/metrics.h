#pragma once
#include <array>
#include <chrono>
#include <string>
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

/// What a pool tells about itself. Several pools of one program add to the same series, but for the depth of their
/// queues, which have names.
class Metrics {
 public:
  Metrics(prometheus::Registry& registry, const std::string& pool);

  /// `sqlState` is counted by its class, the first two characters.
  void countError(std::string_view sqlState, bool retried);

  /// What a job did from its first connection to its end.
  struct Durations {
    prometheus::Histogram& ok;
    prometheus::Histogram& error;
  };

  prometheus::Histogram& poolWait;
  prometheus::Gauge& queueDepth;
  prometheus::Gauge& idle;
  prometheus::Gauge& used;
  Durations write;
  Durations read;
  Durations single;

 private:
  prometheus::Family<prometheus::Counter>& errors_;
};

}  // namespace posthouse::db
