#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <string_view>

#include "fate.h"
#include "report.h"
#include "smtpclient/laps.h"
#include "store/queue_repository.h"

namespace posthouse::relayd {

/// The provider behind a mail exchanger, from a short list; "other" for the rest.
std::string_view providerOf(std::string_view host);

class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry);

  void countAttempt(std::string_view transport, const Report& report, Fate::Kind fate);
  void countEndOfLife(Fate::Kind fate, std::chrono::system_clock::duration age);
  void observeAttempt(std::string_view transport, std::chrono::steady_clock::duration duration);
  /// Histograms of the phases of `transport`'s conversations.
  smtpclient::OnPhase phasesOf(const char* transport);
  /// A server offers TLS and fails at it.
  void countFailedTls();
  void show(const store::QueueCounts& counts);

  prometheus::Counter& leaseExpired;
  prometheus::Counter& enqueuedReports;
  prometheus::Counter& enqueuedForwards;
  prometheus::Counter& failureReports;
  prometheus::Counter& delayReports;
  prometheus::Gauge& smtpConnections;
  prometheus::Gauge& lmtpConnections;

 private:
  struct State {
    prometheus::Gauge& messages;
    prometheus::Gauge& oldest;
    void show(const store::QueueCounts::Of& of) {
      messages.Set(static_cast<double>(of.recipients));
      oldest.Set(static_cast<double>(of.oldest.count()));
    }
  };
  struct Families;
  Metrics(const Families& families, prometheus::Registry& registry);

  prometheus::Family<prometheus::Counter>& attempts_;
  prometheus::Family<prometheus::Counter>& replies_;
  prometheus::Family<prometheus::Counter>& tls_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Family<prometheus::Histogram>& ages_;
  State active_;
  State ready_;
  State deferred_;
  State hold_;
};

}  // namespace posthouse::relayd
