#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <chrono>
#include <stop_token>
#include <string>

#include "net/loop.h"
#include "virus_scanner.h"

namespace posthouse::filterd {

/// A scanner that tells whether it answers: whenever it is used, and now and then where no mail comes. There is one
/// only where a scanner is configured, and so are its series. Metrics: posthouse_filter_backend_up,
/// posthouse_filter_timeouts_total.
class WatchedScanner final : public VirusScanner {
 public:
  /// `backend`: the label, "clamd". `scanner` must outlive this.
  WatchedScanner(VirusScanner& scanner, const std::string& backend, prometheus::Registry& registry);

  Task<Result> scan(std::string_view message, net::Patience patience) override;
  Task<> ping(net::Patience patience) override;

  /// Asks at once and after every interval, and waits for an answer as long as `patience` says, until `stop` is pulled.
  Task<> run(net::Loop& loop, std::chrono::milliseconds interval, std::chrono::milliseconds patience,
             std::stop_token stop);

 private:
  void note(const ScannerAway& away);

  VirusScanner& scanner_;
  prometheus::Gauge& up_;
  prometheus::Counter& timeouts_;
};

}  // namespace posthouse::filterd
