#include "daemon/listener_metrics.h"

#include "observe/buckets.h"

namespace posthouse::daemon {

CountedTraffic::CountedTraffic(prometheus::Family<prometheus::Counter>& octets, const std::string& listener)
    : received_(octets.Add({{"listener", listener}, {"direction", "in"}})),
      sent_(octets.Add({{"listener", listener}, {"direction", "out"}})) {}

ListenerMetrics::ListenerMetrics(prometheus::Registry& registry)
    : active_(prometheus::BuildGauge()
                  .Name("posthouse_connections_active")
                  .Help("Open client connections.")
                  .Register(registry)),
      accepted_(prometheus::BuildCounter()
                    .Name("posthouse_connections_total")
                    .Help("Accepted connections.")
                    .Register(registry)),
      rejected_(prometheus::BuildCounter()
                    .Name("posthouse_connections_rejected_total")
                    .Help("Connections refused before the greeting.")
                    .Register(registry)),
      duration_(prometheus::BuildHistogram()
                    .Name("posthouse_connection_duration_seconds")
                    .Help("Lifetime of a connection.")
                    .Register(registry)),
      starved_(prometheus::BuildCounter()
                   .Name("posthouse_accept_failures_total")
                   .Help("Tries to accept a connection that failed for want of descriptors or memory.")
                   .Register(registry)),
      fromInside_(
          prometheus::BuildCounter()
              .Name("posthouse_client_address_private_total")
              .Help("Connections whose client has a private address; if all do, something in front hides who they are.")
              .Register(registry)),
      octets_(prometheus::BuildCounter()
                  .Name("posthouse_bytes_total")
                  .Help("Octets on client connections, TLS included.")
                  .Register(registry)) {}

ListenerSeries ListenerMetrics::of(const std::string& listener, bool isImplicitTls) {
  const prometheus::Labels name{{"listener", listener}};
  const auto rejected = [&](const char* reason) {
    return &rejected_.Add({{"listener", listener}, {"reason", reason}});
  };
  using enum Admission::Verdict;
  return {
      .active = active_.Add({{"listener", listener}, {"tls", isImplicitTls ? "1" : "0"}}),
      .accepted = accepted_.Add(name),
      .rejectedProxy = *rejected("proxy_header"),
      .rejected = {nullptr, rejected(reasonOf(limit)), rejected(reasonOf(address)), rejected(reasonOf(descriptors))},
      .duration = duration_.Add(name, observe::ageBuckets()),
      .starved = starved_.Add(name),
      .fromInside = fromInside_.Add(name),
      .traffic = CountedTraffic(octets_, listener)};
}

const char* reasonOf(Admission::Verdict why) {
  switch (why) {
    case Admission::Verdict::limit:
      return "limit";
    case Admission::Verdict::address:
      return "address";
    case Admission::Verdict::descriptors:
      return "descriptors";
    case Admission::Verdict::admitted:
      break;
  }
  return "";
}

}  // namespace posthouse::daemon
