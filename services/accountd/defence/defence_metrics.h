#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace posthouse::accountd {

struct DefenceMetrics {
  explicit DefenceMetrics(prometheus::Registry& registry)
      : throttled(prometheus::BuildCounter()
                      .Name("posthouse_auth_throttled_total")
                      .Help("Logins that were turned away before anything was looked at, by why.")
                      .Register(registry)),
        delayed(prometheus::BuildCounter()
                    .Name("posthouse_auth_delayed_total")
                    .Help("Logins that had to wait, by whose failures were the cause.")
                    .Register(registry)),
        failures(prometheus::BuildCounter()
                     .Name("posthouse_auth_failures_total")
                     .Help("Wrong logins, by whether they count: the same wrong password again does not.")
                     .Register(registry)),
        newBans(prometheus::BuildCounter()
                    .Name("posthouse_auth_bans_total")
                    .Help("Bans that this instance made by itself.")
                    .Register(registry)
                    .Add({})),
        bans(prometheus::BuildGauge()
                 .Name("posthouse_auth_bans")
                 .Help("Bans that hold now, those of administrators and of other instances too.")
                 .Register(registry)
                 .Add({})),
        waiting(prometheus::BuildGauge()
                    .Name("posthouse_auth_waiting")
                    .Help("Logins that wait now because of failures.")
                    .Register(registry)
                    .Add({})),
        clientsHidden(prometheus::BuildGauge()
                          .Name("posthouse_auth_clients_hidden")
                          .Help("1 if nearly all logins come from one private address, whose failures are not held "
                                "against it.")
                          .Register(registry)
                          .Add({})) {
    for (const char* reason : {"ban", "too_fast", "too_many", "draining"}) throttled.Add({{"reason", reason}});
    for (const char* cause : {"network", "neighbourhood", "account", "pair"}) delayed.Add({{"cause", cause}});
    for (const char* counts : {"yes", "repeated", "exempt"}) failures.Add({{"counts", counts}});
  }

  prometheus::Family<prometheus::Counter>& throttled;
  prometheus::Family<prometheus::Counter>& delayed;
  prometheus::Family<prometheus::Counter>& failures;
  prometheus::Counter& newBans;
  prometheus::Gauge& bans;
  prometheus::Gauge& waiting;
  prometheus::Gauge& clientsHidden;
};

}  // namespace posthouse::accountd
