#pragma once
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <string_view>

#include "daemon/login_metrics.h"
#include "imap/command.h"
#include "imap/response.h"

namespace posthouse::imapd {

/// What a session is doing, for posthouse_imap_sessions_active.
enum class Stage : std::uint8_t { notAuthenticated, authenticated, selected, idle };
/// Why a session ended, for posthouse_imap_bye_total.
enum class Farewell : std::uint8_t { logout, hangup, idleTimeout, draining, refused, error, ended };

/// "FETCH", "UID" commands under their plain name.
std::string_view nameOf(const imap::Command& command);

struct Metrics {
  explicit Metrics(prometheus::Registry& registry);

  void countCommand(std::string_view command, imap::Condition condition, double seconds);
  prometheus::Gauge& sessions(Stage stage);
  prometheus::Counter& bye(Farewell why);

  daemon::LoginMetrics logins;  // the command LOGIN counts as the mechanism of its name

  prometheus::Counter& idleNotifications;
  prometheus::Counter& fetchOctets;
  prometheus::Counter& literalsRejected;
  prometheus::Gauge& viewCacheOctets;
  prometheus::Histogram& searchSeconds;
  prometheus::Counter& appended;       // by APPEND
  prometheus::Counter& quotaExceeded;  // APPENDs and COPYs

 private:
  prometheus::Family<prometheus::Counter>& commands_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Family<prometheus::Gauge>& sessions_;
  prometheus::Family<prometheus::Counter>& byes_;
};

}  // namespace posthouse::imapd
