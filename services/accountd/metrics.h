#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace posthouse::accountd {

struct Metrics {
  explicit Metrics(prometheus::Registry& registry)
      : authentications(prometheus::BuildCounter()
                            .Name("posthouse_accountd_authentications_total")
                            .Help("Credentials judged for the programs that clients log in to.")
                            .Register(registry)),
        resolutions(prometheus::BuildCounter()
                        .Name("posthouse_resolve_total")
                        .Help("Addresses resolved to who is behind them.")
                        .Register(registry)),
        adminChanges(prometheus::BuildCounter()
                         .Name("posthouse_admin_changes_total")
                         .Help("Changes that administrators made.")
                         .Register(registry)),
        passwordQueue(prometheus::BuildGauge()
                          .Name("posthouse_worker_queue_depth")
                          .Help("Jobs waiting for a worker thread.")
                          .Register(registry)
                          .Add({{"pool", "password"}})),
        ticketQueue(prometheus::BuildGauge()
                        .Name("posthouse_worker_queue_depth")
                        .Help("Jobs waiting for a worker thread.")
                        .Register(registry)
                        .Add({{"pool", "kerberos"}})) {
    for (const std::string_view protocol : kProtocols)
      for (const std::string_view result : kResults) series(protocol, result);
  }

  void attempted(std::string_view protocol, std::string_view result) {
    const bool known = std::ranges::find(kProtocols, protocol) != kProtocols.end();
    series(known ? protocol : "other", result).Increment();
  }

  prometheus::Family<prometheus::Counter>& authentications;
  prometheus::Family<prometheus::Counter>& resolutions;
  prometheus::Family<prometheus::Counter>& adminChanges;
  prometheus::Gauge& passwordQueue;
  prometheus::Gauge& ticketQueue;

 private:
  static constexpr std::array<std::string_view, 4> kProtocols{"submission", "imap", "pop3", "other"};
  static constexpr std::array<std::string_view, 14> kResults{
      "ok",         "bad_password",       "bad_code",       "bad_ticket", "bad_certificate",
      "no_user",    "disabled",           "not_authorized", "malformed",  "no_mechanism",
      "needs_code", "needs_app_password", "throttled",      "error"};

  prometheus::Counter& series(std::string_view protocol, std::string_view result) const {
    return authentications.Add({{"protocol", std::string(protocol)}, {"result", std::string(result)}});
  }
};

}  // namespace posthouse::accountd
