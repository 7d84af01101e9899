#include "imap_client.h"
#include "mail_source.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

/// Times one command, which must be answered by as many responses of one kind as there are messages.
Task<> timed(ImapClient& client, std::string command, std::string_view counted, std::size_t messages, Latencies& took) {
  const auto began = Clock::now();
  const std::size_t told = co_await client.ask(command, counted);
  took.add(Clock::now() - began);
  if (told != messages)
    throw Failure("the server told of " + std::to_string(told) + " messages, not " + std::to_string(messages) +
                  ", to " + command);
}

}  // namespace

Task<> readMailbox(net::Loop& loop, Arguments& arguments, Report& report) {
  Measurement measurement(arguments);
  const Server server(arguments);
  const std::string user = numbered(arguments.text("address", "bench%@mail.test"), arguments.positive("mailbox", 1));
  const std::string password = arguments.text("password", "correct horse");
  const std::size_t messages = arguments.positive("messages", 0);
  const std::size_t count = arguments.positive("count", 3);
  arguments.rejectUnread();

  Latencies select, flags, envelope;
  measurement.start();
  for (std::size_t i = 0; i < count; ++i) {
    ImapClient client = co_await ImapClient::open(loop, server);
    co_await client.logIn(user, password);
    co_await timed(client, "SELECT INBOX", "EXISTS", 1, select);
    co_await timed(client, "FETCH 1:* (FLAGS)", "FETCH", messages, flags);
    co_await timed(client, "FETCH 1:* (ENVELOPE)", "FETCH", messages, envelope);
    co_await client.ask("LOGOUT");
  }
  measurement.stop();
  report.add("select", select);
  report.add("flags", flags);
  report.add("envelope", envelope);
  measurement.report(report, count);
}

}  // namespace posthouse::bench
