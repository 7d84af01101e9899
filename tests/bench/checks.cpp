#include "imap_client.h"
#include "mail_source.h"
#include "sessions.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

class Checks {
 public:
  Checks(net::Loop& loop, Arguments& arguments)
      : loop_(loop),
        server_(arguments),
        pattern_(arguments.text("address", "bench%@mail.test")),
        password_(arguments.text("password", "correct horse")),
        mailboxes_(arguments.positive("mailboxes", 200)),
        sessions_(arguments.positive("sessions", 10)),
        guessers_(arguments.number("guessers", 0)),
        count_(arguments.positive("count", 1000)) {}

  Task<> run() {
    for (std::size_t i = 0; i < guessers_; ++i) guessing_.spawn(guess(i));
    while (guessed_ < guessers_ && !guessing_.failed()) co_await loop_.sleep(std::chrono::milliseconds(5));
    began_ = Clock::now();
    for (std::size_t i = 0; i < sessions_; ++i) running_.spawn(session());
    co_await running_.join();
    seconds_ = secondsSince(began_);
    ended_ = true;
    co_await guessing_.join();
  }

  std::size_t count() const { return count_; }
  double seconds() const { return seconds_; }
  const Latencies& latencies() const { return latencies_; }

 private:
  Task<> session() {
    while (next_ < count_ && !running_.failed()) {
      const std::string user = numbered(pattern_, next_++ % mailboxes_ + 1);
      ImapClient client = co_await ImapClient::open(loop_, server_);
      const auto began = Clock::now();
      co_await client.logIn(user, password_);
      latencies_.add(Clock::now() - began);
      client.close();
    }
  }

  /// Another wrong password every time, on a connection for as long as the server lets it.
  Task<> guess(std::size_t number) {
    std::size_t guesses = 0;
    while (!ended_) {
      ImapClient client = co_await ImapClient::open(loop_, server_);
      bool isThere = true;
      while (isThere && !ended_) {
        const std::string user = numbered(pattern_, (number + guesses) % mailboxes_ + 1);
        const std::string wrong = "wrong" + std::to_string(number) + '-' + std::to_string(guesses++);
        isThere = co_await client.isRefused(user, wrong);
        if (guesses == 1) ++guessed_;
      }
      client.close();
    }
  }

  net::Loop& loop_;
  Server server_;
  std::string pattern_;
  std::string password_;
  std::size_t mailboxes_;
  std::size_t sessions_;
  std::size_t guessers_;
  std::size_t count_;
  std::size_t next_ = 0;
  std::size_t guessed_ = 0;
  bool ended_ = false;
  Clock::time_point began_;
  double seconds_ = 0;
  Sessions guessing_;
  Sessions running_;
  Latencies latencies_;
};

}  // namespace

Task<> check(net::Loop& loop, Arguments& arguments, Report& report) {
  Measurement measurement(arguments);
  Checks checks(loop, arguments);
  arguments.rejectUnread();
  measurement.start();
  co_await checks.run();
  measurement.stop();
  report.add("logins_per_second", static_cast<double>(checks.count()) / checks.seconds());
  report.add("login", checks.latencies());
  measurement.report(report, checks.count());
}

}  // namespace posthouse::bench
