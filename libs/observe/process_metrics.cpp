#include "observe/process_metrics.h"

#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace posthouse::observe {

namespace {

prometheus::MetricFamily single(const char* name, const char* help, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {name, help, type, {metric}};
}

/// Seconds since 1970 when the machine started.
double bootTime() {
  std::ifstream stat("/proc/stat");
  for (std::string word; stat >> word;) {
    double value = 0;
    if (word == "btime" && stat >> value) return value;
  }
  return 0;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  using prometheus::MetricType;
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The second field, the name in parentheses, may hold spaces; field 3 comes after the last ')'.
  std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 2)));
  std::vector<double> values{0, 0, 0};
  std::string state;
  fields >> state;
  for (double value; fields >> value;) values.push_back(value);
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto at = [&](std::size_t field) { return field < values.size() ? values[field] : 0; };

  std::error_code ignored;
  double descriptors = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", ignored), end; !ignored && entry != end;
       entry.increment(ignored))
    ++descriptors;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);

  static const double kBootTime = bootTime();
  return {
      single("process_cpu_seconds_total", "User and system CPU time.", MetricType::Counter, (at(13) + at(14)) / ticks),
      single("process_resident_memory_bytes", "Resident memory.", MetricType::Gauge,
             at(23) * static_cast<double>(sysconf(_SC_PAGESIZE))),
      single("process_virtual_memory_bytes", "Virtual memory.", MetricType::Gauge, at(22)),
      single("process_open_fds", "Open file descriptors.", MetricType::Gauge, descriptors),
      single("process_max_fds", "Most file descriptors that may be open.", MetricType::Gauge,
             static_cast<double>(limit.rlim_cur)),
      single("process_start_time_seconds", "Start of the process since 1970.", MetricType::Gauge,
             kBootTime + at(21) / ticks),
  };
}

}  // namespace posthouse::observe
