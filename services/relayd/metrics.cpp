#include "metrics.h"

#include <fmt/format.h>

#include <map>

#include "base/ascii.h"
#include "observe/buckets.h"

namespace posthouse::relayd {
namespace {

prometheus::Family<prometheus::Counter>& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Gauge>& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Histogram>& histogram(prometheus::Registry& registry, const char* name,
                                                     const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

double seconds(auto duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string_view providerOf(std::string_view host) {
  static constexpr std::pair<std::string_view, std::string_view> kProviders[] = {
      {".google.com", "google"},     {".googlemail.com", "google"}, {".outlook.com", "microsoft"},
      {".hotmail.com", "microsoft"}, {".yahoodns.net", "yahoo"},    {".icloud.com", "apple"},
  };
  const std::string lowered = ascii::toLower(host);
  for (const auto& [suffix, provider] : kProviders) {
    if (lowered.ends_with(suffix)) return provider;
  }
  return "other";
}

struct Metrics::Families {
  prometheus::Family<prometheus::Counter>& enqueued;
  prometheus::Family<prometheus::Counter>& reports;
  prometheus::Family<prometheus::Gauge>& connections;
  prometheus::Family<prometheus::Gauge>& messages;
  prometheus::Family<prometheus::Gauge>& oldest;

  State state(const char* name) const { return {messages.Add({{"state", name}}), oldest.Add({{"state", name}})}; }
};

Metrics::Metrics(prometheus::Registry& registry)
    : Metrics(Families{counter(registry, "posthouse_queue_enqueued_total", "Messages put into the queue."),
                       counter(registry, "posthouse_dsn_sent_total", "Delivery status notifications made."),
                       gauge(registry, "posthouse_delivery_connections_active", "Outbound connections."),
                       gauge(registry, "posthouse_queue_messages",
                             "Recipients of messages in the queue; 0 at all workers but the one that leads."),
                       gauge(registry, "posthouse_queue_oldest_message_age_seconds",
                             "Age of the oldest message in the queue; 0 at all workers but the one that leads.")},
              registry) {}

Metrics::Metrics(const Families& families, prometheus::Registry& registry)
    : leaseExpired(counter(registry, "posthouse_queue_lease_expired_total",
                           "Leases taken over from a worker that did not give them back.")
                       .Add({})),
      enqueuedReports(families.enqueued.Add({{"source", "dsn"}})),
      enqueuedForwards(families.enqueued.Add({{"source", "forward"}})),
      failureReports(families.reports.Add({{"kind", "failure"}})),
      delayReports(families.reports.Add({{"kind", "delay"}})),
      smtpConnections(families.connections.Add({{"transport", "smtp"}})),
      lmtpConnections(families.connections.Add({{"transport", "lmtp"}})),
      attempts_(counter(registry, "posthouse_delivery_attempts_total",
                        "Recipients of delivery attempts, by what became of them.")),
      replies_(counter(registry, "posthouse_delivery_replies_total", "Replies of other servers.")),
      tls_(counter(registry, "posthouse_delivery_tls_total", "Attempts by whether they were encrypted.")),
      durations_(histogram(registry, "posthouse_delivery_duration_seconds", "Duration of attempts.")),
      ages_(histogram(registry, "posthouse_queue_message_age_seconds",
                      "Age of a message when a recipient leaves the queue.")),
      active_(families.state("active")),
      ready_(families.state("ready")),
      deferred_(families.state("deferred")),
      hold_(families.state("hold")) {
  // So that every series is there before it is needed.
  for (const char* transport : {"smtp", "lmtp"}) {
    durations_.Add({{"transport", transport}, {"phase", "total"}}, observe::smtpBuckets());
    phasesOf(transport);
    for (const char* result : {"delivered", "deferred", "bounced", "expired", "connect_error"})
      attempts_.Add({{"transport", transport}, {"result", result}, {"provider", "other"}});
    for (const char severity : {'2', '4', '5'}) {
      const std::string codes = std::string(1, severity) + "xx";
      replies_.Add({{"transport", transport}, {"code_class", codes}, {"enhanced_class", ""}});
      for (const char subject : std::string_view("01234567"))  // RFC 3463 §3
        replies_.Add(
            {{"transport", transport}, {"code_class", codes}, {"enhanced_class", std::string{severity, '.', subject}}});
    }
  }
  for (const char* result : {"ok", "none", "error"}) tls_.Add({{"policy", "opportunistic"}, {"result", result}});
  for (const char* result : {"delivered", "bounced", "expired"}) ages_.Add({{"result", result}}, observe::ageBuckets());
}

void Metrics::countAttempt(std::string_view transport, const Report& report, Fate::Kind fate) {
  const bool unreached = !report.connected && fate == Fate::Kind::deferred;
  attempts_
      .Add({{"transport", std::string(transport)},
            {"result", unreached ? "connect_error" : std::string(nameOf(fate))},
            {"provider", std::string(providerOf(report.host))}})
      .Increment();
  if (report.host.empty()) return;
  std::string enhanced;
  if (const auto& status = report.reply.status)
    enhanced = fmt::format("{}.{}", status->severity, std::min<int>(status->subject, 9));
  replies_
      .Add({{"transport", std::string(transport)},
            {"code_class", fmt::format("{}xx", report.reply.code / 100)},
            {"enhanced_class", enhanced}})
      .Increment();
  if (transport == "smtp")
    tls_.Add({{"policy", "opportunistic"}, {"result", report.tls.empty() ? "none" : "ok"}}).Increment();
}

void Metrics::countEndOfLife(Fate::Kind fate, std::chrono::system_clock::duration age) {
  ages_.Add({{"result", std::string(nameOf(fate))}}, observe::ageBuckets()).Observe(seconds(age));
}

void Metrics::observeAttempt(std::string_view transport, std::chrono::steady_clock::duration duration) {
  durations_.Add({{"transport", std::string(transport)}, {"phase", "total"}}, observe::smtpBuckets())
      .Observe(seconds(duration));
}

smtpclient::OnPhase Metrics::phasesOf(const char* transport) {
  using smtpclient::Phase;
  const auto histogram = [this, transport](const char* phase) {
    return &durations_.Add({{"transport", transport}, {"phase", phase}}, observe::smtpBuckets());
  };
  const std::map<Phase, prometheus::Histogram*> phases{
      {Phase::connect, histogram("connect")}, {Phase::hello, histogram("hello")}, {Phase::tls, histogram("tls")},
      {Phase::mail, histogram("mail")},       {Phase::rcpt, histogram("rcpt")},   {Phase::data, histogram("data")}};
  return [phases](Phase ended, std::chrono::steady_clock::duration duration) {
    phases.at(ended)->Observe(seconds(duration));
  };
}

void Metrics::countFailedTls() {
  tls_.Add({{"policy", "opportunistic"}, {"result", "error"}}).Increment();
}

void Metrics::show(const store::QueueCounts& counts) {
  active_.show(counts.active);
  ready_.show(counts.ready);
  deferred_.show(counts.deferred);
  hold_.show(counts.held);
}

}  // namespace posthouse::relayd
