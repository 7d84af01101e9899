#include "report.h"

#include <fmt/format.h>
#include <sys/resource.h>

namespace posthouse::bench {
namespace {

double ownCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void Report::member(const std::string& name, const std::string& value) {
  if (!members_.empty()) members_ += ", ";
  members_ += "\"" + name + "\": " + value;
}

void Report::add(std::string_view name, double value) {
  member(std::string(name), fmt::format("{:.3f}", value));
}

void Report::add(std::string_view name, std::size_t value) {
  member(std::string(name), std::to_string(value));
}

void Report::add(std::string_view name, const Latencies& latencies) {
  add(std::string(name) + "_median_ms", latencies.milliseconds(0.5));
  add(std::string(name) + "_p95_ms", latencies.milliseconds(0.95));
  add(std::string(name) + "_p99_ms", latencies.milliseconds(0.99));
  add(std::string(name) + "_max_ms", latencies.milliseconds(1));
}

Measurement::Measurement(Arguments& arguments) {
  for (const std::string& text : arguments.all("watch")) watched_.push_back(ProcessTree::parse(text));
  cpuSeconds_.resize(watched_.size());
}

void Measurement::start() {
  for (std::size_t i = 0; i < watched_.size(); ++i) cpuSeconds_[i] = -watched_[i].cpuSeconds();
  ownCpuSeconds_ = -ownCpuSeconds();
  start_ = Clock::now();
}

void Measurement::stop() {
  seconds_ = secondsSince(start_);
  ownCpuSeconds_ += ownCpuSeconds();
  for (std::size_t i = 0; i < watched_.size(); ++i) cpuSeconds_[i] += watched_[i].cpuSeconds();
}

void Measurement::report(Report& report, std::size_t operations) const {
  report.add("seconds", seconds_);
  report.add("client_cpu_percent", 100 * ownCpuSeconds_ / seconds_);
  const auto count = static_cast<double>(operations);
  report.add("client_cpu_us", ownCpuSeconds_ * 1e6 / count);
  for (std::size_t i = 0; i < watched_.size(); ++i)
    report.add("cpu_us_" + watched_[i].name, cpuSeconds_[i] * 1e6 / count);
}

}  // namespace posthouse::bench
