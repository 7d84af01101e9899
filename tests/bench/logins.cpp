#include "imap_client.h"
#include "mail_source.h"
#include "sessions.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

class Logins {
 public:
  Logins(net::Loop& loop, Arguments& arguments)
      : loop_(loop),
        server_(arguments),
        pattern_(arguments.text("address", "bench%@mail.test")),
        password_(arguments.text("password", "correct horse")),
        mailboxes_(arguments.positive("mailboxes", 200)),
        sessions_(arguments.positive("sessions", 10)),
        count_(arguments.positive("count", 1000)) {}

  Task<> run() {
    for (std::size_t i = 0; i < sessions_; ++i) running_.spawn(session());
    co_await running_.join();
  }

  std::size_t count() const { return count_; }
  const Latencies& latencies() const { return latencies_; }

 private:
  Task<> session() {
    while (next_ < count_ && !running_.failed()) {
      const std::string user = numbered(pattern_, next_++ % mailboxes_ + 1);
      const auto began = Clock::now();
      ImapClient client = co_await ImapClient::open(loop_, server_);
      co_await client.logIn(user, password_);
      const std::size_t told = co_await client.ask("SELECT INBOX", "EXISTS");
      if (told != 1) throw Failure("SELECT did not tell how many messages there are");
      co_await client.ask("LOGOUT");
      latencies_.add(Clock::now() - began);
    }
  }

  net::Loop& loop_;
  Server server_;
  std::string pattern_;
  std::string password_;
  std::size_t mailboxes_;
  std::size_t sessions_;
  std::size_t count_;
  std::size_t next_ = 0;
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
