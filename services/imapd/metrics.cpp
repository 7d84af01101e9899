#include "metrics.h"

#include <array>
#include <string>

#include "observe/buckets.h"

namespace posthouse::imapd {
namespace {

constexpr std::array<std::string_view, 3> kResults = {"ok", "no", "bad"};
constexpr std::array<std::string_view, 7> kFarewells = {"logout",  "hangup", "idle_timeout", "draining",
                                                        "refused", "error",  "ended"};
constexpr std::array<std::string_view, std::variant_size_v<imap::Command>> kCommands = {
    "CAPABILITY", "NOOP",   "LOGOUT",   "ID",        "STARTTLS",    "AUTHENTICATE", "LOGIN",     "ENABLE", "SELECT",
    "CREATE",     "DELETE", "RENAME",   "SUBSCRIBE", "UNSUBSCRIBE", "LIST",         "NAMESPACE", "STATUS", "IDLE",
    "CHECK",      "CLOSE",  "UNSELECT", "EXPUNGE",   "SEARCH",      "FETCH",        "STORE",     "COPY"};

std::string_view label(imap::Condition condition) {
  return kResults[static_cast<std::size_t>(condition)];
}

std::string_view label(Stage stage) {
  constexpr std::array<std::string_view, 4> kLabels = {"not_authenticated", "authenticated", "selected", "idle"};
  return kLabels[static_cast<std::size_t>(stage)];
}

std::string_view label(Farewell why) {
  return kFarewells[static_cast<std::size_t>(why)];
}

}  // namespace

std::string_view nameOf(const imap::Command& command) {
  return kCommands[command.index()];
}

Metrics::Metrics(prometheus::Registry& registry)
    : logins(registry, "imap"),
      idleNotifications(prometheus::BuildCounter()
                            .Name("posthouse_imap_idle_notifications_total")
                            .Help("Times an idle client was told of a change.")
                            .Register(registry)
                            .Add({})),
      fetchOctets(prometheus::BuildCounter()
                      .Name("posthouse_imap_fetch_bytes_total")
                      .Help("Octets of messages sent by FETCH.")
                      .Register(registry)
                      .Add({})),
      literalsRejected(prometheus::BuildCounter()
                           .Name("posthouse_imap_literal_rejected_total")
                           .Help("Literals and commands refused for their size.")
                           .Register(registry)
                           .Add({})),
      viewCacheOctets(prometheus::BuildGauge()
                          .Name("posthouse_imap_view_cache_bytes")
                          .Help("Memory held by cached mailbox views.")
                          .Register(registry)
                          .Add({})),
      searchSeconds(prometheus::BuildHistogram()
                        .Name("posthouse_imap_search_duration_seconds")
                        .Help("Time of a SEARCH, by what answered it.")
                        .Register(registry)
                        .Add({{"backend", "scan"}}, observe::fastBuckets())),
      appended(prometheus::BuildCounter()
                   .Name("posthouse_store_messages_appended_total")
                   .Help("Messages put into mailboxes.")
                   .Register(registry)
                   .Add({{"source", "imap"}})),
      quotaExceeded(prometheus::BuildCounter()
                        .Name("posthouse_quota_exceeded_total")
                        .Help("Messages refused because a mailbox was full.")
                        .Register(registry)
                        .Add({})),
      commands_(prometheus::BuildCounter()
                    .Name("posthouse_imap_commands_total")
                    .Help("Commands answered.")
                    .Register(registry)),
      durations_(prometheus::BuildHistogram()
                     .Name("posthouse_imap_command_duration_seconds")
                     .Help("From a command's last octet to its answer; IDLE counts to its end.")
                     .Register(registry)),
      sessions_(prometheus::BuildGauge()
                    .Name("posthouse_imap_sessions_active")
                    .Help("Connections open now, by what they are doing.")
                    .Register(registry)),
      byes_(prometheus::BuildCounter()
                .Name("posthouse_imap_bye_total")
                .Help("Sessions ended, by why.")
                .Register(registry)) {
  // A series that is absent until its first event never sets off an alert.
  const auto series = [this](std::string_view command) {
    const std::string name(command);
    for (const std::string_view result : kResults) commands_.Add({{"command", name}, {"result", std::string(result)}});
    durations_.Add({{"command", name}}, observe::fastBuckets());
  };
  for (const std::string_view command : kCommands) series(command);
  series("APPEND");   // which is answered apart from the others
  series("unknown");  // what is no command
  for (const std::string_view reason : kFarewells) byes_.Add({{"reason", std::string(reason)}});
}

void Metrics::countCommand(std::string_view command, imap::Condition condition, double seconds) {
  commands_.Add({{"command", std::string(command)}, {"result", std::string(label(condition))}}).Increment();
  durations_.Add({{"command", std::string(command)}}, observe::fastBuckets()).Observe(seconds);
}

prometheus::Gauge& Metrics::sessions(Stage stage) {
  return sessions_.Add({{"state", std::string(label(stage))}});
}
prometheus::Counter& Metrics::bye(Farewell why) {
  return byes_.Add({{"reason", std::string(label(why))}});
}

}  // namespace posthouse::imapd
