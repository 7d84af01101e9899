#include "arrival.h"
#include "mail_source.h"
#include "sessions.h"
#include "smtp_client.h"
#include "verbs.h"

namespace posthouse::bench {
namespace {

struct Plan {
  explicit Plan(Arguments& arguments)
      : sessions(arguments.positive("sessions", 1)),
        count(arguments.positive("count", 1000)),
        recipients(arguments.positive("recipients", 1)),
        mailboxes(arguments.positive("mailboxes", 200)),
        perConnection(arguments.number("per-connection", 0)),
        pattern(arguments.text("address", "bench%@mail.test")) {
    if (recipients > mailboxes) throw Failure("--recipients of one mail are not more than --mailboxes");
  }

  std::vector<std::string> recipientsOf(std::size_t mail) const {
    std::vector<std::string> addresses;
    for (std::size_t i = 0; i < recipients; ++i)
      addresses.push_back(numbered(pattern, (mail * recipients + i) % mailboxes + 1));
    return addresses;
  }

  std::vector<std::string> accounts() const {
    std::vector<std::string> addresses;
    for (std::size_t i = 1; i <= mailboxes; ++i) addresses.push_back(numbered(pattern, i));
    return addresses;
  }

  /// What each of accounts() gets of all.
  std::vector<std::size_t> shares() const {
    std::vector<std::size_t> shares(mailboxes, count * recipients / mailboxes);
    for (std::size_t i = 0; i < count * recipients % mailboxes; ++i) ++shares[i];
    return shares;
  }

  std::size_t sessions;
  std::size_t count;          // mails
  std::size_t recipients;     // of each
  std::size_t mailboxes;      // who take turns
  std::size_t perConnection;  // mails; 0: all of a session
  std::string pattern;
};

class Deliveries {
 public:
  Deliveries(net::Loop& loop, Arguments& arguments)
      : loop_(loop),
        server_(arguments),
        protocol_(SmtpClient::protocolOf(arguments.text("protocol", "lmtp"))),
        plan_(arguments),
        source_(arguments.positive("size", 4096), arguments.number("first", 1)),
        password_(arguments.text("password", "correct horse")) {
    if (arguments.number("imap-port", 0) != 0) imap_.emplace(arguments, "imap-");
  }

  Task<> run(Measurement& measurement) {
    Sessions opening;
    for (std::size_t i = 0; i < plan_.sessions; ++i) opening.spawn(open());
    co_await opening.join();
    std::optional<Arrival> arrival;
    if (imap_) arrival = co_await Arrival::watch(loop_, *imap_, plan_.accounts(), password_);
    measurement.start();
    for (SmtpClient& client : clients_) sessions_.spawn(session(std::move(client)));
    co_await sessions_.join();
    if (arrival) co_await arrival->of(loop_, plan_.shares());
    measurement.stop();
  }

  std::size_t deliveries() const { return plan_.count * plan_.recipients; }
  const Latencies& latencies() const { return latencies_; }

 private:
  Task<> open() { clients_.push_back(co_await SmtpClient::open(loop_, server_, protocol_)); }

  Task<> session(SmtpClient client) {
    std::size_t sent = 0;
    while (next_ < plan_.count && !sessions_.failed()) {
      const std::size_t number = next_++;
      if (plan_.perConnection > 0 && sent++ == plan_.perConnection) {
        sent = 1;
        co_await client.quit();
        client = co_await SmtpClient::open(loop_, server_, protocol_);
      }
      const auto recipients = plan_.recipientsOf(number);
      const std::string mail = source_.mail(number, recipients.front());
      const auto began = Clock::now();
      co_await client.send(recipients, mail);
      latencies_.add(Clock::now() - began);
    }
    co_await client.quit();
  }

  net::Loop& loop_;
  Server server_;
  SmtpClient::Protocol protocol_;
  Plan plan_;
  MailSource source_;
  std::optional<Server> imap_;  // where what was sent is looked for
  std::string password_;
  std::vector<SmtpClient> clients_;
  Sessions sessions_;
  std::size_t next_ = 0;
  Latencies latencies_;
};

}  // namespace

Task<> deliver(net::Loop& loop, Arguments& arguments, Report& report) {
  Measurement measurement(arguments);
  Deliveries deliveries(loop, arguments);
  arguments.rejectUnread();
  co_await deliveries.run(measurement);
  report.add("deliveries", deliveries.deliveries());
  report.add("deliveries_per_second", static_cast<double>(deliveries.deliveries()) / measurement.seconds());
  report.add("mail", deliveries.latencies());
  measurement.report(report, deliveries.deliveries());
}

}  // namespace posthouse::bench
