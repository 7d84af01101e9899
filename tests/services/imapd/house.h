#pragma once
#include <prometheus/registry.h>
#include <unistd.h>

#include <memory>
#include <regex>
#include <stop_token>
#include <string>
#include <string_view>

#include "async/task_group.h"
#include "net/connect.h"
#include "net/line_stream.h"
#include "net/tcp_listener.h"
#include "net/tls_context.h"
#include "services.h"
#include "session.h"
#include "support/fake_authenticator.h"
#include "support/quiet_sink.h"
#include "support/script_stream.h"
#include "support/test_database.h"

namespace posthouse::imapd {

/// What a session stands on. Its database connects when first used: transcripts that end before SELECT need none.
struct House {
  explicit House(const std::string& databaseUrl = "postgresql://nowhere.invalid/",
                 store::AccountId alice = store::AccountId{1},
                 std::chrono::milliseconds statementTimeout = std::chrono::seconds(20))
      : alice(alice),
        authenticator("alice", {alice, "alice@mail.test"}),
        database(loop,
                 {.url = databaseUrl, .applicationName = "test", .poolSize = 2, .statementTimeout = statementTimeout},
                 registry),
        reading(loop, {.url = databaseUrl, .applicationName = "test", .poolSize = 2}, registry) {
    config.hostname = "mail.test";
    authenticator.disabledName = "mallory";
    config.failureDelay = std::chrono::milliseconds(0);
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  /// Plays a script and says what happened. Session ids read as ID, UID validities as V.
  std::string play(std::string_view script) {
    auto client = std::make_unique<test::ScriptStream>(script);
    test::ScriptStream& stream = *client;
    client->setPeer(peer);
    Session session(std::move(client), services, tls, "ID", stop.get_token());
    loop.runUntilDone(session.run());
    return std::regex_replace(stream.transcript(), std::regex("(UIDVALIDITY|APPENDUID|COPYUID) [0-9]+"), "$1 V");
  }

  store::AccountId alice;
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "imapd", "test"};
  Config config;
  Metrics metrics{registry};
  test::FakeAuthenticator authenticator;  // mallory is disabled
  login::OpenSessions openSessions{"imap", registry};
  db::Database database;
  db::Database reading;
  ViewCache views{database, 1024 * 1024};
  Watchers watchers;
  const net::TlsContext* tls = nullptr;
  std::stop_source stop;
  net::Address peer{"127.0.0.1", 40000, ""};
  Services services{.loop = loop,
                    .config = config,
                    .authenticator = authenticator,
                    .openSessions = openSessions,
                    .database = database,
                    .reading = reading,
                    .views = views,
                    .watchers = watchers,
                    .metrics = metrics,
                    .log = log,
                    .committed = [this](store::AccountId account, std::optional<store::MailboxId> mailbox,
                                        store::ModSeq modSeq) { watchers.changed(account, mailbox, modSeq); }};
};

inline const std::string kGreeting =
    "S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN AUTH=LOGIN] mail.test ready\n";
inline const std::string kLogin = kGreeting +
                                  "C: a LOGIN alice secret\n"
                                  "S: a OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE SPECIAL-USE "
                                  "CHILDREN UIDPLUS MOVE UNSELECT] Logged in\n";

/// A house with a PostgreSQL behind it, and alice in it.
struct FurnishedHouse {
  explicit FurnishedHouse(std::chrono::milliseconds statementTimeout = std::chrono::seconds(20))
      : house(postgres.urlAs("posthouse_imapd"), alice, statementTimeout) {}

  test::TestDatabase postgres;
  store::AccountId alice = postgres.addAccount("alice");
  House house;

  /// What comes after alice's login.
  std::string play(const std::string& script) {
    const std::string transcript = house.play(kLogin + script);
    return transcript.starts_with(kLogin) ? transcript.substr(kLogin.size()) : transcript;
  }
};

/// A client on a socket, for what a script cannot say: several sessions at once.
class Client {
 public:
  explicit Client(std::unique_ptr<net::ByteStream> stream) : stream_(std::move(stream)) {}

  Task<std::string> line() {
    auto line = co_await stream_.readLine(65536, std::chrono::seconds(60));
    co_return line ? *line : std::string("(end)");
  }
  Task<> send(std::string command) {
    stream_.write(command + "\r\n");
    co_await stream_.flush(std::chrono::seconds(60));
  }
  Task<> startTls() {
    const auto anybody = net::TlsContext::client(net::TlsContext::Verify::none);
    co_await stream_.startTlsAsClient(anybody, "mail.test", std::chrono::seconds(60));
  }
  /// The lines of the answer to a command, joined by " | ".
  Task<std::string> ask(std::string command) {
    const std::string tag = command.substr(0, command.find(' '));
    co_await send(command);
    std::string lines;
    while (true) {
      const std::string next = co_await line();
      if (!lines.empty()) lines += " | ";
      lines += next;
      if (next.starts_with(tag + " ") || next == "(end)") co_return lines;
    }
  }

 private:
  net::LineStream stream_;
};

/// Sessions on sockets of their own.
class Street {
 public:
  explicit Street(House& house)
      : house_(house),
        listener_(house.loop, *net::Address::parse("127.0.0.1:0"),
                  [this](std::unique_ptr<net::ByteStream> stream) { sessions_.spawn(serve(std::move(stream))); }) {}
  ~Street() { house_.loop.runUntilDone(sessions_.drained()); }

  Task<std::unique_ptr<Client>> connected() {
    co_return std::make_unique<Client>(
        co_await net::connect(house_.loop, listener_.address(), std::chrono::seconds(60)));
  }
  /// Logged in, with INBOX selected.
  Task<std::unique_ptr<Client>> inInbox() {
    auto client = co_await connected();
    co_await client->line();
    co_await client->ask("l LOGIN alice secret");
    co_await client->ask("s SELECT INBOX");
    co_return client;
  }

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> stream) {
    Session session(std::move(stream), house_.services, house_.tls, "ID", house_.stop.get_token());
    co_await session.run();
  }

  House& house_;
  TaskGroup sessions_;
  net::TcpListener listener_;
};

}  // namespace posthouse::imapd
