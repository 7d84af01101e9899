#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>

#include "daemon/admission.h"
#include "net/traffic.h"

namespace posthouse::daemon {

/// posthouse_bytes_total of one listener.
class CountedTraffic final : public net::Traffic {
 public:
  CountedTraffic(prometheus::Family<prometheus::Counter>& octets, const std::string& listener);
  void received(std::size_t octets) override { received_.Increment(static_cast<double>(octets)); }
  void sent(std::size_t octets) override { sent_.Increment(static_cast<double>(octets)); }

 private:
  prometheus::Counter& received_;
  prometheus::Counter& sent_;
};

/// The series of one listener, looked up once.
struct ListenerSeries {
  prometheus::Gauge& active;
  prometheus::Counter& accepted;
  prometheus::Counter& rejectedProxy;
  std::array<prometheus::Counter*, 4> rejected;  // by Admission::Verdict
  prometheus::Histogram& duration;
  prometheus::Counter& starved;
  prometheus::Counter& fromInside;
  CountedTraffic traffic;
};

/// What listeners count: posthouse_connections_active, _total, _rejected_total, _duration_seconds,
/// posthouse_accept_failures_total, posthouse_client_address_private_total, posthouse_bytes_total.
class ListenerMetrics {
 public:
  explicit ListenerMetrics(prometheus::Registry& registry);

  ListenerSeries of(const std::string& listener, bool isImplicitTls);

 private:
  prometheus::Family<prometheus::Gauge>& active_;
  prometheus::Family<prometheus::Counter>& accepted_;
  prometheus::Family<prometheus::Counter>& rejected_;
  prometheus::Family<prometheus::Histogram>& duration_;
  prometheus::Family<prometheus::Counter>& starved_;
  prometheus::Family<prometheus::Counter>& fromInside_;
  prometheus::Family<prometheus::Counter>& octets_;
};

/// As in posthouse_connections_rejected_total and the log.
const char* reasonOf(Admission::Verdict why);

}  // namespace posthouse::daemon
