#include "mail_source.h"
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

}  // namespace posthouse::bench
