#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/login_metrics.h"
#include "store/maildrop_repository.h"

namespace posthouse::pop3d {

/// How a session ended.
enum class End { quit, lost, timeout, shutdown, refused, failed, ended };
std::string_view toText(End end);

/// The series of pop3d; every child exists from the start, so that alerts on them can fire.
class Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry);

  void count(std::string_view keyword, bool ok, std::chrono::steady_clock::duration time);
  void count(End end) { ends_.at(end)->Increment(); }
  daemon::LoginMetrics logins;  // by "USER" or a SASL mechanism
  prometheus::Gauge& sessions;
  prometheus::Counter& badCommands;
  prometheus::Counter& messagesRetrieved;
  prometheus::Counter& messagesDeleted;
  prometheus::Counter& messagesExpired;

  void countRefusal(store::MaildropRefusal::Reason reason) { refusals_.at(reason)->Increment(); }
  void countRefusalForConnections() { tooMany_->Increment(); }
  void countFailedOpening() { failedOpenings_->Increment(); }

 private:
  struct OfCommand {
    prometheus::Counter* ok;
    prometheus::Counter* error;
    prometheus::Histogram* seconds;
  };
  std::map<std::string, OfCommand, std::less<>> commands_;
  std::map<End, prometheus::Counter*> ends_;
  std::map<store::MaildropRefusal::Reason, prometheus::Counter*> refusals_;
  prometheus::Counter* tooMany_;
  prometheus::Counter* failedOpenings_;
};

}  // namespace posthouse::pop3d
