#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "arguments.h"
#include "latencies.h"
#include "process_tree.h"

namespace posthouse::bench {

/// The result of a run: one line of JSON.
class Report {
 public:
  void add(std::string_view name, double value);
  void add(std::string_view name, std::size_t value);
  void add(std::string_view name, const Latencies& latencies);  // ..._median_ms, ..._p95_ms, ..._p99_ms, ..._max_ms
  std::string line() const { return "{" + members_ + "}\n"; }

 private:
  void member(const std::string& name, const std::string& value);
  std::string members_;
};

/// The time between start() and stop(), and the processor time that went by in it: ours and the watched servers'.
class Measurement {
 public:
  /// `--watch name=pid`, any number of them.
  explicit Measurement(Arguments& arguments);

  void start();
  void stop();
  double seconds() const { return seconds_; }
  /// Adds `seconds`, our own share of a processor, and of each watched process its time for one of `operations`.
  void report(Report& report, std::size_t operations) const;

  const std::vector<ProcessTree>& watched() const noexcept { return watched_; }

 private:
  std::vector<ProcessTree> watched_;
  std::vector<double> cpuSeconds_;  // of each watched; since start() after stop()
  Clock::time_point start_;
  double ownCpuSeconds_ = 0;
  double seconds_ = 0;
};

}  // namespace posthouse::bench
