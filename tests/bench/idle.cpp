#include "imap_client.h"
#include "mail_source.h"
#include "pop3_client.h"
#include "sessions.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

enum class How { greeted, loggedIn, selected, idle };

How how(const std::string& name) {
  if (name == "greeted") return How::greeted;
  if (name == "login") return How::loggedIn;
  if (name == "select") return How::selected;
  if (name == "idle") return How::idle;
  throw Failure("--until is greeted, login, select or idle");
}

class Waiting {
 public:
  Waiting(net::Loop& loop, Arguments& arguments)
      : loop_(loop),
        server_(arguments),
        pattern_(arguments.text("address", "bench%@mail.test")),
        password_(arguments.text("password", "correct horse")),
        mailboxes_(arguments.positive("mailboxes", 200)),
        count_(arguments.positive("count", 1000)),
        isPop3_(arguments.text("protocol", "imap") == "pop3"),
        until_(how(arguments.text("until", isPop3_ ? "login" : "idle"))) {}

  /// Opens the connections, some at a time.
  Task<> open(std::size_t atOnce) {
    for (std::size_t i = 0; i < atOnce; ++i) opening_.spawn(opener());
    co_await opening_.join();
  }

  std::size_t count() const { return count_; }

 private:
  Task<> opener() {
    while (next_ < count_ && !opening_.failed()) {
      const std::string user = numbered(pattern_, next_++ % mailboxes_ + 1);
      if (isPop3_) {
        Pop3Client client = co_await Pop3Client::open(loop_, server_);
        if (until_ >= How::loggedIn) co_await client.logIn(user, password_);
        pop3Clients_.push_back(std::move(client));
        continue;
      }
      ImapClient client = co_await ImapClient::open(loop_, server_);
      if (until_ >= How::loggedIn) co_await client.logIn(user, password_);
      if (until_ >= How::selected) co_await client.ask("SELECT INBOX");
      if (until_ == How::idle) co_await client.idle();
      clients_.push_back(std::move(client));
    }
  }

  net::Loop& loop_;
  Server server_;
  std::string pattern_;
  std::string password_;
  std::size_t mailboxes_;
  std::size_t count_;
  bool isPop3_;
  How until_;
  std::size_t next_ = 0;
  Sessions opening_;
  std::vector<ImapClient> clients_;
  std::vector<Pop3Client> pop3Clients_;
};

}  // namespace

Task<> idle(net::Loop& loop, Arguments& arguments, Report& report) {
  Measurement measurement(arguments);
  Waiting waiting(loop, arguments);
  const std::size_t atOnce = arguments.positive("sessions", 10);
  const auto hold = std::chrono::seconds(arguments.number("hold", 2));
  arguments.rejectUnread();
  std::vector<std::uint64_t> before;
  for (const ProcessTree& tree : measurement.watched()) before.push_back(tree.pssKib());
  measurement.start();
  co_await waiting.open(atOnce);
  measurement.stop();
  report.add("connections", waiting.count());
  measurement.report(report, waiting.count());
  measurement.start();
  co_await loop.sleep(hold);  // what is handed back late, or only after a while of idling, is handed back now
  measurement.stop();
  double sum = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const ProcessTree& tree = measurement.watched()[i];
    const std::uint64_t after = tree.pssKib();
    const double each =
        (static_cast<double>(after) - static_cast<double>(before[i])) / static_cast<double>(waiting.count());
    report.add("pss_kib_before_" + tree.name, std::size_t{before[i]});
    report.add("pss_kib_after_" + tree.name, std::size_t{after});
    report.add("kib_each_" + tree.name, each);
    sum += each;
  }
  report.add("kib_each", sum);
}

}  // namespace posthouse::bench
