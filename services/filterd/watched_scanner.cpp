#include "watched_scanner.h"

#include <utility>

namespace posthouse::filterd {

WatchedScanner::WatchedScanner(VirusScanner& scanner, const std::string& backend, prometheus::Registry& registry)
    : scanner_(scanner),
      up_(prometheus::BuildGauge()
              .Name("posthouse_filter_backend_up")
              .Help("1 if the backend answered when it was last asked.")
              .Register(registry)
              .Add({{"backend", backend}})),
      timeouts_(prometheus::BuildCounter()
                    .Name("posthouse_filter_timeouts_total")
                    .Help("Questions that a backend did not answer in time.")
                    .Register(registry)
                    .Add({{"backend", backend}})) {}

Task<VirusScanner::Result> WatchedScanner::scan(std::string_view message, net::Patience patience) {
  try {
    Result result = co_await scanner_.scan(message, std::move(patience));
    up_.Set(1);
    co_return result;
  } catch (const ScannerAway& away) {
    note(away);
    throw;
  }
}

Task<> WatchedScanner::ping(net::Patience patience) {
  try {
    co_await scanner_.ping(std::move(patience));
    up_.Set(1);
  } catch (const ScannerAway& away) {
    note(away);
    throw;
  }
}

void WatchedScanner::note(const ScannerAway& away) {
  if (away.why == ScannerAway::Why::caller) return;  // nothing is known of the scanner
  up_.Set(0);
  if (away.why == ScannerAway::Why::timeout) timeouts_.Increment();
}

Task<> WatchedScanner::run(net::Loop& loop, std::chrono::milliseconds interval, std::chrono::milliseconds patience,
                           std::stop_token stop) {
  try {
    while (true) {
      try {
        co_await ping(net::Patience(patience, stop));
      } catch (const ScannerAway&) {  // the gauge tells
      }
      co_await loop.sleep(interval, stop);
    }
  } catch (const net::Interrupted&) {  // the program ends
  }
}

}  // namespace posthouse::filterd
