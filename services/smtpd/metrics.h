#pragma once
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/login_metrics.h"

namespace posthouse::smtpd {

// Label values: closed lists, so that the number of series is bounded.
enum class Direction { inbound, submission, relay };
enum class Result { accepted, rejected, deferred };
enum class Stage { connect, helo, mail, rcpt, data };
enum class Reason { noUser, relayDenied, spam, size, syntax, loop, smuggling, quota, policy, temp };

std::string_view nameOf(Direction direction);
std::string_view nameOf(Result result);
std::string_view nameOf(Stage stage);
std::string_view nameOf(Reason reason);

class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry);

  /// A command was answered; `command` is a verb in lower case, or "unknown".
  void command(const std::string& listener, std::string_view command, int code, std::chrono::duration<double> took);
  void message(Direction direction, Result result);
  void messageSize(Direction direction, std::size_t octets);
  void recipient(Direction direction, Result result);
  void rejection(Stage stage, Reason reason);
  void enqueued(Direction direction);

  daemon::LoginMetrics logins;

 private:
  prometheus::Family<prometheus::Counter>& commands_;
  prometheus::Family<prometheus::Histogram>& commandDurations_;
  prometheus::Family<prometheus::Counter>& messages_;
  prometheus::Family<prometheus::Histogram>& sizes_;
  prometheus::Family<prometheus::Counter>& recipients_;
  prometheus::Family<prometheus::Counter>& rejections_;
  prometheus::Family<prometheus::Counter>& enqueued_;
};

}  // namespace posthouse::smtpd
