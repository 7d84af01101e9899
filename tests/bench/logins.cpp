#include "imap_client.h"
#include "login_load.h"
#include "pop3_client.h"
#include "sessions.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

class Logins {
 public:
  Logins(net::Loop& loop, Arguments& arguments)
      : loop_(loop), load_(arguments), isPop3_(arguments.text("protocol", "imap") == "pop3") {}

  Task<> run() {
    for (std::size_t i = 0; i < load_.sessions; ++i) running_.spawn(session());
    co_await running_.join();
  }

  std::size_t count() const { return load_.count; }
  const Latencies& latencies() const { return latencies_; }

 private:
  Task<> session() {
    while (!load_.isDone() && !running_.failed()) {
      const std::string user = load_.nextUser();
      const auto began = Clock::now();
      co_await (isPop3_ ? byPop3(user) : byImap(user));
      latencies_.add(Clock::now() - began);
    }
  }

  Task<> byImap(std::string user) {
    ImapClient client = co_await ImapClient::open(loop_, load_.server);
    co_await client.logIn(user, load_.password);
    const std::size_t told = co_await client.ask("SELECT INBOX", "EXISTS");
    if (told != 1) throw Failure("SELECT did not tell how many messages there are");
    co_await client.ask("LOGOUT");
  }

  Task<> byPop3(std::string user) {
    Pop3Client client = co_await Pop3Client::open(loop_, load_.server);
    co_await client.logIn(user, load_.password);
    co_await client.messages();
    co_await client.quit();
  }

  net::Loop& loop_;
  LoginLoad load_;
  bool isPop3_;
  Sessions running_;
  Latencies latencies_;
};

}  // namespace

Task<> logIn(net::Loop& loop, Arguments& arguments, Report& report) {
  Measurement measurement(arguments);
  Logins logins(loop, arguments);
  arguments.rejectUnread();
  measurement.start();
  co_await logins.run();
  measurement.stop();
  report.add("logins", logins.count());
  report.add("logins_per_second", static_cast<double>(logins.count()) / measurement.seconds());
  report.add("session", logins.latencies());
  measurement.report(report, logins.count());
}

}  // namespace posthouse::bench
