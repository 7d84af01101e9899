#include "metrics.h"

#include <array>

namespace posthouse::pop3d {

namespace {

constexpr std::array<std::string_view, 17> kCommands{"CAPA", "STLS", "USER", "PASS", "APOP", "AUTH",
                                                     "STAT", "LIST", "UIDL", "RETR", "TOP",  "DELE",
                                                     "NOOP", "RSET", "QUIT", "UTF8", "LANG"};
using Reason = store::MaildropRefusal::Reason;

constexpr std::array kReasons{Reason::inUse, Reason::tooSoon, Reason::noSuchMailbox};

std::string_view toText(Reason reason) {
  switch (reason) {
    case Reason::inUse:
      return "in_use";
    case Reason::tooSoon:
      return "too_soon";
    case Reason::noSuchMailbox:
      break;
  }
  return "no_mailbox";
}

constexpr std::array kEnds{End::quit, End::lost, End::timeout, End::shutdown, End::refused, End::failed, End::ended};
const prometheus::Histogram::BucketBoundaries kFast{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

std::string_view toText(End end) {
  switch (end) {
    case End::quit:
      return "quit";
    case End::lost:
      return "lost";
    case End::timeout:
      return "timeout";
    case End::shutdown:
      return "shutdown";
    case End::refused:
      return "refused";
    case End::failed:
      return "failed";
    case End::ended:
      return "ended";
  }
  return "failed";
}

Metrics::Metrics(prometheus::Registry& registry)
    : logins(registry, "pop3", {"USER", "PLAIN", "LOGIN"}),
      sessions(prometheus::BuildGauge()
                   .Name("posthouse_pop3_sessions_active")
                   .Help("Sessions open now.")
                   .Register(registry)
                   .Add({})),
      badCommands(
          counter(registry, "posthouse_pop3_bad_commands_total", "Lines that were no command, or out of place.")),
      messagesRetrieved(counter(registry, "posthouse_pop3_messages_retrieved_total", "Messages asked for by RETR.")),
      messagesDeleted(counter(registry, "posthouse_pop3_messages_deleted_total", "Messages deleted at QUIT.")),
      messagesExpired(
          counter(registry, "posthouse_pop3_messages_expired_total", "Messages that expired, and went at a QUIT.")) {
  auto& results =
      prometheus::BuildCounter().Name("posthouse_pop3_commands_total").Help("Commands by result.").Register(registry);
  auto& seconds = prometheus::BuildHistogram()
                      .Name("posthouse_pop3_command_duration_seconds")
                      .Help("Time to the first octet of the reply.")
                      .Register(registry);
  for (const std::string_view command : kCommands) {
    const std::string name(command);
    commands_[name] = {&results.Add({{"command", name}, {"result", "ok"}}),
                       &results.Add({{"command", name}, {"result", "error"}}),
                       &seconds.Add({{"command", name}}, kFast)};
  }
  auto& ends =
      prometheus::BuildCounter().Name("posthouse_pop3_sessions_total").Help("Sessions that ended.").Register(registry);
  auto& refusals = prometheus::BuildCounter()
                       .Name("posthouse_pop3_maildrops_refused_total")
                       .Help("Logins that were right, and got no maildrop.")
                       .Register(registry);
  for (const Reason reason : kReasons) refusals_[reason] = &refusals.Add({{"reason", std::string(toText(reason))}});
  tooMany_ = &refusals.Add({{"reason", "too_many"}});
  failedOpenings_ = &refusals.Add({{"reason", "error"}});
  for (const End end : kEnds) ends_[end] = &ends.Add({{"end", std::string(toText(end))}});
}

void Metrics::count(std::string_view keyword, bool ok, std::chrono::steady_clock::duration time) {
  const OfCommand& command = commands_.find(keyword)->second;
  (ok ? command.ok : command.error)->Increment();
  command.seconds->Observe(std::chrono::duration<double>(time).count());
}

}  // namespace posthouse::pop3d
