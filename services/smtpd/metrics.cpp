#include "metrics.h"

#include <array>

#include "observe/buckets.h"

namespace posthouse::smtpd {
namespace {

constexpr std::array kDirections{Direction::inbound, Direction::submission, Direction::relay};
constexpr std::array kResults{Result::accepted, Result::rejected, Result::deferred};
constexpr std::array<std::string_view, 5> kStages{"connect", "helo", "mail", "rcpt", "data"};
constexpr std::array<std::string_view, 10> kReasons{"no_user", "relay_denied", "spam",  "size",   "syntax",
                                                    "loop",    "smuggling",    "quota", "policy", "temp"};

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Histogram>& histograms(prometheus::Registry& registry, const char* name,
                                                      const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

std::string_view nameOf(Direction direction) {
  static constexpr std::array<std::string_view, 3> kNames{"inbound", "submission", "relay"};
  return kNames.at(static_cast<std::size_t>(direction));
}

std::string_view nameOf(Result result) {
  static constexpr std::array<std::string_view, 3> kNames{"accepted", "rejected", "deferred"};
  return kNames.at(static_cast<std::size_t>(result));
}

std::string_view nameOf(Stage stage) {
  return kStages.at(static_cast<std::size_t>(stage));
}

std::string_view nameOf(Reason reason) {
  return kReasons.at(static_cast<std::size_t>(reason));
}

Metrics::Metrics(prometheus::Registry& registry)
    : logins(registry, "submission"),
      commands_(counters(registry, "posthouse_smtp_commands_total", "Commands and reply codes.")),
      commandDurations_(
          histograms(registry, "posthouse_smtp_command_duration_seconds", "Time from a command to its reply.")),
      messages_(counters(registry, "posthouse_smtp_messages_total", "Messages at the end of DATA.")),
      sizes_(histograms(registry, "posthouse_smtp_message_size_bytes",
                        "Size of messages that were accepted, as received.")),
      recipients_(counters(registry, "posthouse_smtp_recipients_total", "Outcomes of RCPT.")),
      rejections_(counters(registry, "posthouse_smtp_rejections_total", "Why mail was refused, and when.")),
      enqueued_(counters(registry, "posthouse_queue_enqueued_total", "Messages put into the queue.")) {
  // A series that is absent until its first event never sets off an alert.
  for (const Direction direction : kDirections) {
    const std::string name(nameOf(direction));
    for (const Result result : kResults) {
      messages_.Add({{"direction", name}, {"result", std::string(nameOf(result))}});
      recipients_.Add({{"direction", name}, {"result", std::string(nameOf(result))}});
    }
    sizes_.Add({{"direction", name}}, observe::sizeBuckets());
    enqueued_.Add({{"source", name}});
  }
  for (const std::string_view stage : kStages) {
    for (const std::string_view reason : kReasons)
      rejections_.Add({{"stage", std::string(stage)}, {"reason", std::string(reason)}});
  }
}

void Metrics::command(const std::string& listener, std::string_view command, int code,
                      std::chrono::duration<double> took) {
  const std::string verb(command);
  commands_.Add({{"listener", listener}, {"command", verb}, {"code", std::to_string(code)}}).Increment();
  commandDurations_.Add({{"listener", listener}, {"command", verb}}, observe::fastBuckets()).Observe(took.count());
}

void Metrics::message(Direction direction, Result result) {
  messages_.Add({{"direction", std::string(nameOf(direction))}, {"result", std::string(nameOf(result))}}).Increment();
}

void Metrics::messageSize(Direction direction, std::size_t octets) {
  sizes_.Add({{"direction", std::string(nameOf(direction))}}, observe::sizeBuckets())
      .Observe(static_cast<double>(octets));
}

void Metrics::recipient(Direction direction, Result result) {
  recipients_.Add({{"direction", std::string(nameOf(direction))}, {"result", std::string(nameOf(result))}}).Increment();
}

void Metrics::rejection(Stage stage, Reason reason) {
  rejections_.Add({{"stage", std::string(nameOf(stage))}, {"reason", std::string(nameOf(reason))}}).Increment();
}

void Metrics::enqueued(Direction direction) {
  enqueued_.Add({{"source", std::string(nameOf(direction))}}).Increment();
}

}  // namespace posthouse::smtpd
