#include "login_load.h"
#include "pop3_client.h"
#include "sessions.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

/// A client for each maildrop: all of them at once, each reads all of its own.
class Readers {
 public:
  Readers(net::Loop& loop, Arguments& arguments)
      : loop_(loop),
        server_(arguments),
        pattern_(arguments.text("address", "bench%@mail.test")),
        password_(arguments.text("password", "correct horse")),
        clients_(arguments.positive("sessions", 1)),
        messages_(arguments.positive("messages", 0)),
        window_(arguments.positive("window", 1)),
        times_(arguments.positive("count", 1)) {}

  Task<> run() {
    for (std::size_t i = 1; i <= clients_; ++i) running_.spawn(session(numbered(pattern_, i)));
    co_await running_.join();
  }

  std::size_t messages() const { return clients_ * times_ * messages_; }
  std::size_t octets() const { return octets_; }
  const Latencies& openings() const { return openings_; }

 private:
  Task<> session(std::string user) {
    for (std::size_t time = 0; time < times_ && !running_.failed(); ++time) {
      const auto began = Clock::now();
      Pop3Client client = co_await Pop3Client::open(loop_, server_);
      co_await client.logIn(user, password_);
      if (co_await client.messages() != messages_) throw Failure("STAT does not tell of as many messages as there are");
      if (co_await client.uniqueIds() != messages_)
        throw Failure("UIDL does not tell of as many messages as there are");
      openings_.add(Clock::now() - began);
      octets_ += co_await client.retrieve(messages_, window_);
      co_await client.quit();
    }
  }

  net::Loop& loop_;
  Server server_;
  std::string pattern_;
  std::string password_;
  std::size_t clients_;
  std::size_t messages_;
  std::size_t window_;
  std::size_t times_;
  std::size_t octets_ = 0;
  Sessions running_;
  Latencies openings_;
};

class Logins {
 public:
  Logins(net::Loop& loop, Arguments& arguments) : loop_(loop), load_(arguments) {}

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
      Pop3Client client = co_await Pop3Client::open(loop_, load_.server);
      co_await client.logIn(user, load_.password);
      co_await client.messages();
      co_await client.quit();
      latencies_.add(Clock::now() - began);
    }
  }

  net::Loop& loop_;
  LoginLoad load_;
  Sessions running_;
  Latencies latencies_;
};

}  // namespace

Task<> readMaildrops(net::Loop& loop, Arguments& arguments, Report& report) {
  Measurement measurement(arguments);
  Readers readers(loop, arguments);
  arguments.rejectUnread();
  measurement.start();
  co_await readers.run();
  measurement.stop();
  report.add("messages", readers.messages());
  report.add("messages_per_second", static_cast<double>(readers.messages()) / measurement.seconds());
  report.add("mb_per_second", static_cast<double>(readers.octets()) / 1e6 / measurement.seconds());
  report.add("opening", readers.openings());
  measurement.report(report, readers.messages());
}

Task<> logInToMaildrops(net::Loop& loop, Arguments& arguments, Report& report) {
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
