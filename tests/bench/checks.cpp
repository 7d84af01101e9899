#include "imap_client.h"
#include "login_load.h"
#include "sessions.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

class Checks {
 public:
  Checks(net::Loop& loop, Arguments& arguments)
      : loop_(loop), load_(arguments), guessers_(arguments.number("guessers", 0)) {}

  Task<> run() {
    for (std::size_t i = 0; i < guessers_; ++i) guessing_.spawn(guess(i));
    while (guessed_ < guessers_ && !guessing_.failed()) co_await loop_.sleep(std::chrono::milliseconds(5));
    began_ = Clock::now();
    for (std::size_t i = 0; i < load_.sessions; ++i) running_.spawn(session());
    co_await running_.join();
    seconds_ = secondsSince(began_);
    ended_ = true;
    co_await guessing_.join();
  }

  std::size_t count() const { return load_.count; }
  double seconds() const { return seconds_; }
  const Latencies& latencies() const { return latencies_; }

 private:
  Task<> session() {
    while (!load_.isDone() && !running_.failed()) {
      const std::string user = load_.nextUser();
      ImapClient client = co_await ImapClient::open(loop_, load_.server);
      const auto began = Clock::now();
      co_await client.logIn(user, load_.password);
      latencies_.add(Clock::now() - began);
      client.close();
    }
  }

  /// Another wrong password every time, on a connection for as long as the server lets it.
  Task<> guess(std::size_t number) {
    std::size_t guesses = 0;
    while (!ended_) {
      ImapClient client = co_await ImapClient::open(loop_, load_.server);
      bool isThere = true;
      while (isThere && !ended_) {
        const std::string user = numbered(load_.pattern, (number + guesses) % load_.mailboxes + 1);
        const std::string wrong = "wrong" + std::to_string(number) + '-' + std::to_string(guesses++);
        isThere = co_await client.isRefused(user, wrong);
        if (guesses == 1) ++guessed_;
      }
      client.close();
    }
  }

  net::Loop& loop_;
  LoginLoad load_;
  std::size_t guessers_;
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
