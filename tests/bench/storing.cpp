#include "imap_client.h"
#include "mail_source.h"
#include "verbs.h"

namespace posthouse::bench {

Task<> store(net::Loop& loop, Arguments& arguments, Report& report) {
  Measurement measurement(arguments);
  const Server server(arguments);
  const std::string user = numbered(arguments.text("address", "bench%@mail.test"), arguments.positive("mailbox", 1));
  const std::string password = arguments.text("password", "correct horse");
  const auto seconds = static_cast<double>(arguments.positive("seconds", 5));
  arguments.rejectUnread();

  ImapClient client = co_await ImapClient::open(loop, server);
  co_await client.logIn(user, password);
  co_await client.ask("SELECT INBOX");
  Latencies stored;
  std::size_t count = 0;
  measurement.start();
  for (const auto start = Clock::now(); secondsSince(start) < seconds; ++count) {
    const auto began = Clock::now();
    co_await client.ask(count % 2 == 0 ? "STORE 1:* +FLAGS.SILENT (\\Flagged)" : "STORE 1:* -FLAGS.SILENT (\\Flagged)");
    stored.add(Clock::now() - began);
  }
  measurement.stop();
  co_await client.ask("LOGOUT");
  report.add("stores", count);
  report.add("store", stored);
  measurement.report(report, count);
}

}  // namespace posthouse::bench
