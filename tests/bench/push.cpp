#include "imap_client.h"
#include "mail_source.h"
#include "sessions.h"
#include "smtp_client.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

/// A delivery; how long the server needed for the whole transaction is added to `acknowledged`.
Task<> sendOne(SmtpClient& client, std::vector<std::string> recipients, std::string mail, Latencies& acknowledged) {
  const auto began = Clock::now();
  co_await client.send(recipients, mail);
  acknowledged.add(Clock::now() - began);
}

}  // namespace

Task<> push(net::Loop& loop, Arguments& arguments, Report& report) {
  Measurement measurement(arguments);
  const Server imap(arguments);
  const Server incoming(arguments, "mail-");
  const SmtpClient::Protocol protocol = SmtpClient::protocolOf(arguments.text("protocol", "lmtp"));
  const std::string user = numbered(arguments.text("address", "bench%@mail.test"), arguments.positive("mailbox", 1));
  const std::string password = arguments.text("password", "correct horse");
  const std::size_t count = arguments.positive("count", 20);
  const auto pause = std::chrono::milliseconds(arguments.number("pause-ms", 100));
  const MailSource source(arguments.positive("size", 4096), arguments.number("first", 1));
  arguments.rejectUnread();

  SmtpClient sender = co_await SmtpClient::open(loop, incoming, protocol);
  ImapClient reader = co_await ImapClient::open(loop, imap);
  co_await reader.logIn(user, password);
  co_await reader.ask("SELECT INBOX");
  co_await reader.idle();
  Latencies acknowledged;
  Latencies told;
  std::size_t last = 0;
  measurement.start();
  for (std::size_t i = 0; i < count; ++i) {
    co_await loop.sleep(pause);
    Sessions sending;
    const auto began = Clock::now();
    sending.spawn(sendOne(sender, {user}, source.mail(i, user), acknowledged));
    const std::size_t messages = co_await reader.exists();
    told.add(Clock::now() - began);
    co_await sending.join();
    if (messages <= last) throw Failure("EXISTS did not grow with a delivery");
    last = messages;
  }
  measurement.stop();
  co_await reader.endIdle();
  co_await reader.ask("LOGOUT");
  co_await sender.quit();
  report.add("deliveries", count);
  report.add("exists", told);
  report.add("acknowledged", acknowledged);
  measurement.report(report, count);
}

}  // namespace posthouse::bench
