// The whole of relayd but main(): the queue in PostgreSQL, a name server of the test's own, Debian's smtp-sink as the
// others' server.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dispatcher.h"
#include "dns/resolver.h"
#include "store_queue.h"
#include "support/child_process.h"
#include "support/dns_server.h"
#include "support/fake_directory.h"
#include "support/quiet_sink.h"
#include "support/small_smtp_server.h"
#include "support/test_database.h"
#include "transports/lmtp.h"
#include "transports/smtp.h"

using namespace posthouse;
using namespace posthouse::relayd;
using namespace std::chrono_literals;

namespace {

const std::string kMessage = "Subject: far away\r\nMessage-ID: <1@mail.test>\r\n\r\n.a line with a dot\r\n";

smtpclient::Pool::Options poolOptions(smtpclient::Protocol protocol) {
  smtpclient::Pool::Options options;
  options.settings.protocol = protocol;
  options.settings.heloName = "mx.mail.test";
  return options;
}

Config configOf() {
  Config config;
  config.hostname = "mx.mail.test";
  config.pollInterval = 5ms;
  config.retrySchedule = {10ms};
  return config;
}

struct Relay {
  test::TestDatabase postgres;
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "relayd", "test"};
  Config config = configOf();
  db::Database database{loop, {.url = postgres.urlAs("posthouse_relayd"), .applicationName = "test"}, registry};
  StoreQueue queue{database};
  test::FakeDirectory directory;
  test::DnsServer dnsServer;
  std::optional<dns::Resolver> resolver;
  test::SmallSmtpServer mailboxes{loop};  // lmtp-delivery's place
  smtpclient::Pool localPool{loop, poolOptions(smtpclient::Protocol::lmtp)};
  smtpclient::Pool remotePool{loop, poolOptions(smtpclient::Protocol::smtp)};
  LmtpTransport local{localPool, mailboxes.address()};
  std::mt19937 random{1};
  std::optional<SmtpTransport> remote;
  BounceWriter bounces{"mx.mail.test", 1h, systemClock()};
  store::QueueIdMint ids{systemClock()};
  Metrics metrics{registry};
  Bodies bodies{loop, queue, 64 * 1024 * 1024};
  std::optional<Workshop> workshop;
  std::optional<Dispatcher> dispatcher;
  std::stop_source draining;
  TaskGroup work;

  Relay() {
    directory.add("alice@mail.test", 1);
    mailboxes.extensions = "250-small\r\n250-PIPELINING\r\n250 XDELIVERYID\r\n";
    dnsServer.mx("x.example", 10, "mx.x.example");
    dnsServer.a("mx.x.example", "127.0.0.1");
    dnsServer.start();
    resolver.emplace(loop, dns::ResolverOptions{.servers = {dnsServer.address()}, .trustAnchorFile = {}});
  }
  ~Relay() {
    draining.request_stop();
    loop.runUntilDone(work.drained());
    loop.runUntilDone(localPool.close());
    loop.runUntilDone(remotePool.close());
    loop.runUntilDone(mailboxes.close());
  }

  void start(std::uint16_t smtpPort) {
    remote.emplace(remotePool, *resolver, random, SmtpTransport::Options{.hostname = "mx.mail.test", .port = smtpPort});
    workshop.emplace(
        Workshop{loop, config, queue, bodies, directory, local, *remote, bounces, ids, metrics, log, systemClock()});
    dispatcher.emplace(*workshop);
    work.spawn(dispatcher->run(draining.get_token()));
  }

  store::QueueId enqueue(const std::string& sender, const std::vector<std::string>& recipients,
                         std::chrono::milliseconds lifetime = 1h) {
    const auto now = std::chrono::system_clock::now();
    NewMail mail;
    mail.message.id = ids.next();
    mail.message.sender = sender;
    mail.message.createdAt = now;
    mail.message.expiresAt = now + lifetime;
    mail.octets = kMessage;
    for (const std::string& address : recipients) {
      store::QueuedRecipient& recipient = mail.recipients.emplace_back();
      recipient.address = address;
      recipient.destination = address.substr(address.find('@') + 1);
      recipient.nextAt = now;
    }
    postgres.transact([&](db::Transaction& transaction) {
      store::QueueRepository(transaction)
          .enqueue(mail.message, mail.recipients, store::Content(mail.octets, 0, {}, {}));
    });
    return mail.message.id;
  }

  std::vector<store::QueueEntry> queued() {
    return postgres.transact(
        [](db::Transaction& transaction) { return store::QueueRepository(transaction).list(store::QueueId{0}, 100); });
  }
  template <class Condition>
  void until(Condition condition) {
    for (int i = 0; i < 5'000 && !condition(); ++i) loop.runUntilDone(loop.sleep(5ms));
    REQUIRE(condition());
  }
};

/// For a server that asks for it (SO_REUSEADDR); nobody else gets it, and until then connections are refused.
class HeldPort {
 public:
  HeldPort() {
    const int yes = 1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof local;
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&local), size) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&local), &size) == 0);
    number = ntohs(local.sin_port);
  }
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;
  ~HeldPort() { close(socket_); }

  std::uint16_t number = 0;

 private:
  const int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

}  // namespace

TEST_CASE("mail for another domain reaches its exchanger by way of the queue", "[relayd]") {
  if (!std::filesystem::exists("/usr/sbin/smtp-sink")) return;
  Relay relay;
  const test::TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const HeldPort held;
  const std::uint16_t port = held.number;
  std::vector<std::string> arguments{"/usr/sbin/smtp-sink", "-d", (folder.path() / "mail").string()};
  if (geteuid() == 0) arguments.insert(arguments.end(), {"-u", "nobody"});
  arguments.insert(arguments.end(), {"127.0.0.1:" + std::to_string(port), "10"});
  const test::ChildProcess sink(arguments);

  relay.enqueue("alice@mail.test", {"bob@x.example", "carol@x.example"});
  relay.start(port);  // it may not listen yet: then the mail is deferred, and tried again
  relay.until([&] { return relay.queued().empty(); });
  std::string dump;
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    std::ostringstream text;
    text << std::ifstream(file.path(), std::ios::binary).rdbuf();
    dump += text.str();
  }
  std::string expected = kMessage;
  std::erase(expected, '\r');
  CHECK_THAT(dump, Catch::Contains("X-Mail-Args: <alice@mail.test>"));
  CHECK_THAT(dump, Catch::Contains("X-Rcpt-Args: <bob@x.example>"));
  CHECK_THAT(dump, Catch::Contains("X-Rcpt-Args: <carol@x.example>"));
  CHECK_THAT(dump, Catch::Contains(expected));
}

TEST_CASE("a refusal comes back to a sender of ours as a report, by LMTP and from nobody", "[relayd]") {
  Relay relay;
  test::SmallSmtpServer other(relay.loop);
  other.replies["RCPT"] = "550 5.1.1 Who?";
  relay.enqueue("alice@mail.test", {"bob@x.example"});
  relay.start(other.address().port);
  relay.until([&] { return relay.queued().empty() && !relay.mailboxes.messages.empty(); });
  CHECK(std::ranges::count(relay.mailboxes.said, "MAIL FROM:<>") == 1);
  CHECK_THAT(relay.mailboxes.messages.back(), Catch::Contains("Content-Type: multipart/report"));
  CHECK_THAT(relay.mailboxes.messages.back(), Catch::Contains("550 5.1.1 Who?"));
  CHECK(relay.mailboxes.messages.size() == 1);
  relay.loop.runUntilDone(relay.remotePool.close());
  relay.loop.runUntilDone(other.close());
}

TEST_CASE("mail that is put off is tried again until it is taken, or expires", "[relayd]") {
  Relay relay;
  test::SmallSmtpServer other(relay.loop);
  other.replies["RCPT"] = "451 4.7.1 Greylisted";
  const bool expires = GENERATE(false, true);
  relay.enqueue("alice@mail.test", {"bob@x.example"}, expires ? 200ms : 1h);
  relay.start(other.address().port);
  const auto tries = [&] { return std::ranges::count(other.said, "RCPT TO:<bob@x.example>"); };
  relay.until([&] { return tries() >= (expires ? 1 : 2); });  // a busy machine may need all of its life for the first
  if (expires) {
    relay.until([&] { return relay.queued().empty() && !relay.mailboxes.messages.empty(); });
    CHECK_THAT(relay.mailboxes.messages.back(), Catch::Contains("4.4.7"));
  } else {
    relay.until([&] { return !relay.queued().front().lastError.empty(); });
    CHECK(relay.queued().front().lastError == "451 4.7.1 Greylisted");
    other.replies.clear();
    relay.until([&] { return relay.queued().empty(); });
    CHECK(std::ranges::count_if(other.messages, [](const std::string& message) { return !message.empty(); }) == 1);
  }
  relay.loop.runUntilDone(relay.remotePool.close());
  relay.loop.runUntilDone(other.close());
}

TEST_CASE("what a dead worker had leased is taken over when the lease ends", "[relayd]") {
  Relay relay;
  relay.enqueue("", {"alice@mail.test"});
  const auto claims = relay.loop.runUntilDone(relay.queue.claim(1s, 10, {}, true));  // by a worker that dies now
  REQUIRE(claims.size() == 1);
  relay.config.takeOverAfter = 0s;
  relay.start(1);
  relay.until([&] { return relay.queued().empty(); });
  CHECK(relay.metrics.leaseExpired.Value() == 1);
  CHECK(relay.mailboxes.messages.size() == 1);
  CHECK(std::ranges::count(relay.mailboxes.said,
                           "RCPT TO:<alice@mail.test> XDELIVERYID=" + store::toText(claims.front().message.id)) == 1);
  // The dead one comes back to life: it is too late for it to change anything.
  const Settlement late{.replaced = {}, .deferred = {{claims.front(), std::chrono::system_clock::now(), "late"}}};
  relay.loop.runUntilDone(relay.queue.settle(late));
  CHECK(relay.queued().empty());
}
