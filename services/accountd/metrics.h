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
      : authAttempts(prometheus::BuildCounter()
                         .Name("posthouse_auth_attempts_total")
                         .Help("SASL/login attempts.")
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
                          .Add({{"pool", "password"}})) {}

  void attempted(std::string_view protocol, std::string_view result) {
    static constexpr std::array<std::string_view, 7> kProtocols{"submission",  "smtp", "imap", "pop3",
                                                                "managesieve", "http", "kpop"};
    const bool known = std::ranges::find(kProtocols, protocol) != kProtocols.end();
    authAttempts
        .Add({{"protocol", known ? std::string(protocol) : "other"},
              {"mechanism", "plain"},
              {"result", std::string(result)}})
        .Increment();
  }

  prometheus::Family<prometheus::Counter>& authAttempts;
  prometheus::Family<prometheus::Counter>& resolutions;
  prometheus::Family<prometheus::Counter>& adminChanges;
  prometheus::Gauge& passwordQueue;
};

}  // namespace posthouse::accountd
