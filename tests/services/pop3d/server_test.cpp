#include "server.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "net/connect.h"
#include "net/line_stream.h"
#include "play.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using namespace std::chrono_literals;

namespace {

/// A certificate for pop.example.org that signs itself, made once for the process.
struct Certificate {
  Certificate() {
    std::filesystem::create_directories(folder);
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=pop.example.org "
        "-addext subjectAltName=DNS:pop.example.org -keyout " +
        (folder / "key.pem").string() + " -out " + (folder / "certificate.pem").string() + " 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
  }
  ~Certificate() { std::filesystem::remove_all(folder); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("posthouse-pop3d-" + std::to_string(getpid()));
};

/// A server on a port of its own, and clients of it on the same loop.
struct Running : Stage {
  Running() {
    static const Certificate certificate;
    const std::string toml = "[tls]\ncertificate = \"" + (certificate.folder / "certificate.pem").string() +
                             "\"\nkey = \"" + (certificate.folder / "key.pem").string() + "\"\n";
    const char* const noEnvironment[] = {nullptr};
    config::Configuration configuration = config::Configuration::parse(toml, "test.toml", noEnvironment, {});
    tls.emplace(configuration, registry);
    certificateFile = certificate.folder / "certificate.pem";

    serverConfig.session.hostname = "pop.example.org";
    serverConfig.session.releaseGather = {};
    daemon::ListenerConfig listener;
    listener.name = "pop3";
    listener.address = *net::Address::parse("127.0.0.1:0");
    listener.tls = daemon::ListenerConfig::Tls::starttls;
    serverConfig.listeners.push_back({.socket = listener});
  }
  ~Running() {
    if (server) loop.runUntilDone(server->close());
  }

  void start() {
    server.emplace(loop, serverConfig, *tls, authenticator, openSessions, store, leases, metrics, log, registry);
  }

  Task<net::LineStream> connect() {
    net::LineStream client(co_await net::connect(loop, server->address("pop3"), 5s));
    co_await client.readLine(512, 5s);
    co_return client;
  }

  Task<net::LineStream> connectAsAlice() {
    net::LineStream client = co_await connect();
    co_await say(client, "USER alice@example.org");
    const std::string answer = co_await say(client, "PASS secret");
    CHECK(answer.starts_with("+OK Maildrop"));
    co_return client;
  }

  static Task<std::string> say(net::LineStream& client, std::string line) {
    client.write(line + "\r\n");
    co_await client.flush(5s);
    co_return co_await hear(client);
  }

  /// The next line; "(end)" when the server has hung up.
  static Task<std::string> hear(net::LineStream& client) {
    const auto answer = co_await client.readLine(65536, 5s);
    co_return answer.value_or("(end)");
  }

  std::string certificateFile;
  Config serverConfig;
  std::optional<daemon::ServerTls> tls;
  std::optional<Server> server;
};

Task<> useTls(Running& stage) {
  net::LineStream client = co_await stage.connect();
  CHECK(co_await Running::say(client, "STLS") == "+OK Begin TLS negotiation now");
  const net::TlsContext trust = net::TlsContext::client(net::TlsContext::Verify::serverName, stage.certificateFile);
  co_await client.startTlsAsClient(trust, "pop.example.org", 5s);
  CHECK(co_await Running::say(client, "STLS") == "-ERR TLS is active already");
  CHECK(co_await Running::say(client, "CAPA") == "+OK Capability list follows");
  std::string capabilities;
  for (std::string line; (line = co_await Running::hear(client)) != ".";) capabilities += line + "\n";
  CHECK(capabilities.contains("SASL PLAIN LOGIN\n"));
  CHECK_FALSE(capabilities.contains("STLS"));
  co_await Running::say(client, "USER alice@example.org");
  CHECK(co_await Running::say(client, "PASS secret") == "+OK Maildrop has 0 messages (0 octets)");
  CHECK(co_await Running::say(client, "QUIT") == "+OK Bye, 0 messages deleted");
}

/// What came before TLS may have come from somebody between us: nothing of it lasts (RFC 6856 §7).
Task<> speakBeforeTls(Running& stage) {
  net::LineStream client = co_await stage.connect();
  CHECK(co_await Running::say(client, "LANG de") == "+OK de Sprache ge\xc3\xa4ndert");
  CHECK(co_await Running::say(client, "STLS") == "+OK Beginnen Sie jetzt die TLS-Aushandlung");
  const net::TlsContext trust = net::TlsContext::client(net::TlsContext::Verify::serverName, stage.certificateFile);
  co_await client.startTlsAsClient(trust, "pop.example.org", 5s);
  CHECK(co_await Running::say(client, "STLS") == "-ERR TLS is active already");
}

Task<std::string> capabilitiesOf(net::LineStream& client) {
  std::string capabilities;
  co_await Running::say(client, "CAPA");
  for (std::string line; (line = co_await Running::hear(client)) != ".";) capabilities += line + "\n";
  co_return capabilities;
}

Task<> askForTlsTooLate(Running& stage) {
  net::LineStream client = co_await stage.connect();
  const std::string before = co_await capabilitiesOf(client);
  CHECK(before.contains("STLS\n"));
  CHECK(co_await Running::say(client, "UTF8") == "+OK UTF-8 mode is on");
  CHECK(co_await Running::say(client, "STLS") == "-ERR Nothing follows UTF8 but a login: STLS comes before it");
  const std::string after = co_await capabilitiesOf(client);
  CHECK_FALSE(after.contains("STLS\n"));
  net::LineStream alice = co_await stage.connectAsAlice();
  const std::string loggedIn = co_await capabilitiesOf(alice);
  CHECK_FALSE(loggedIn.contains("STLS\n"));
  CHECK(loggedIn.contains("SASL PLAIN LOGIN\n"));
  CHECK(loggedIn.contains("UTF8 USER\nLANG\n"));
}

/// The first two examples of RFC 5034 section 6, whose words are others: CAPA and STLS in the clear, then AUTH PLAIN.
Task<> authenticateUnderTls(Running& stage, bool withInitialResponse) {
  net::LineStream client = co_await stage.connect();
  const std::string before = co_await capabilitiesOf(client);
  CHECK(before.contains("STLS\n"));
  CHECK((co_await Running::say(client, "STLS")).starts_with("+OK"));
  const net::TlsContext trust = net::TlsContext::client(net::TlsContext::Verify::serverName, stage.certificateFile);
  co_await client.startTlsAsClient(trust, "pop.example.org", 5s);
  const std::string after = co_await capabilitiesOf(client);
  CHECK_FALSE(after.contains("STLS\n"));
  CHECK(after.contains("SASL PLAIN"));
  if (withInitialResponse) {
    CHECK((co_await Running::say(client, "AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=")).starts_with("+OK"));
  } else {
    CHECK(co_await Running::say(client, "AUTH PLAIN") == "+ ");
    CHECK((co_await Running::say(client, "dGVzdAB0ZXN0AHRlc3Q=")).starts_with("+OK"));
  }
  CHECK((co_await Running::say(client, "QUIT")).starts_with("+OK"));
}

/// Greeted with a timestamp of the RFC's form, and never with the same twice.
Task<> greetForApop(Running& stage) {
  std::set<std::string> timestamps;
  for (int i = 0; i < 20; ++i) {
    net::LineStream client(co_await net::connect(stage.loop, stage.server->address("pop3"), 5s));
    const std::string greeting = co_await Running::hear(client);
    CHECK_THAT(greeting,
               Catch::Matches(R"(\+OK pop\.example\.org POP3 ready <[A-Za-z0-9_-]{22}\.[0-9]+@pop\.example\.org>)"));
    timestamps.insert(greeting);
  }
  CHECK(timestamps.size() == 20);
}

Task<> drainWithTime(Running& stage) {
  net::LineStream stranger = co_await stage.connect();
  net::LineStream alice = co_await stage.connectAsAlice();
  co_await Running::say(alice, "DELE 1");
  TaskGroup closing;
  closing.spawn(stage.server->close());
  const std::string farewell = co_await Running::hear(stranger);
  CHECK(farewell.starts_with("-ERR [SYS/TEMP] Shutting down"));
  CHECK(co_await Running::hear(stranger) == "(end)");
  CHECK(co_await Running::say(alice, "NOOP") == "+OK");
  CHECK(co_await Running::say(alice, "QUIT") == "+OK Bye, 1 message deleted");
  co_await closing.drained();
}

Task<> drainWithoutTime(Running& stage) {
  net::LineStream alice = co_await stage.connectAsAlice();
  co_await Running::say(alice, "DELE 1");
  co_await stage.server->close();
  const std::string farewell = co_await Running::hear(alice);
  CHECK(farewell.starts_with("-ERR [SYS/TEMP] Shutting down, nothing was deleted"));
  CHECK(co_await Running::hear(alice) == "(end)");
}

Task<> fallAsleep(Running& stage) {
  net::LineStream alice = co_await stage.connectAsAlice();
  co_await Running::say(alice, "DELE 1");
  CHECK(co_await Running::hear(alice) == "(end)");
}

/// Asks for a large message and reads nothing until the server has stopped reading it from the store.
Task<> readSlowly(Running& stage, std::size_t octets) {
  net::LineStream alice = co_await stage.connectAsAlice();
  alice.write("RETR 1\r\n");
  co_await alice.flush(5s);
  unsigned reads = 0;
  for (int quietTurns = 0; quietTurns < 1000; ++quietTurns) {
    co_await stage.loop.yield();
    if (std::exchange(reads, stage.store.reads) != stage.store.reads || reads == 0) quietTurns = 0;
  }
  CHECK(reads < octets / (256 * 1024) / 2);
  CHECK(co_await Running::hear(alice) == "+OK " + std::to_string(octets) + " octets");
  std::size_t received = 0;
  for (std::string line; (line = co_await Running::hear(alice)) != ".";) received += line.size() + 2;
  CHECK(received == octets);
  CHECK(co_await Running::say(alice, "QUIT") == "+OK Bye, 0 messages deleted");
}

}  // namespace

SCENARIO("a listener with APOP greets everybody with a timestamp of their own", "[pop3d]") {
  Running stage;
  stage.serverConfig.listeners.front().apop = true;
  stage.start();
  stage.loop.runUntilDone(greetForApop(stage));
}

SCENARIO("STLS turns to TLS, and what is offered changes", "[pop3d]") {
  Running stage;
  stage.start();
  stage.loop.runUntilDone(useTls(stage));
}

SCENARIO("STLS begins anew", "[pop3d]") {
  Running stage;
  stage.start();
  stage.loop.runUntilDone(speakBeforeTls(stage));
}

SCENARIO("STLS is offered where it may be given: neither after UTF8 nor after the login", "[pop3d]") {
  Running stage;
  stage.start();
  stage.loop.runUntilDone(askForTlsTooLate(stage));
}

SCENARIO("AUTH PLAIN under TLS, the examples of RFC 5034 section 6", "[pop3d]") {
  Running stage;
  stage.authenticator = test::FakeAuthenticator("test", {store::AccountId{7}, "test"});
  stage.authenticator.password = "test";
  stage.start();
  stage.loop.runUntilDone(authenticateUnderTls(stage, true));
  stage.loop.runUntilDone(authenticateUnderTls(stage, false));
}

SCENARIO("what is sent behind STLS in the clear is never obeyed", "[pop3d]") {
  Running stage;
  auto client = std::make_unique<test::ScriptStream>(kGreeting + "C: STLS\nC: USER alice@example.org\nS: -ERR\n");
  test::ScriptStream& stream = *client;
  const Surroundings around = stage.surroundings();
  Session session(std::move(client), &stage.tls->context(), around);
  stage.loop.runUntilDone(session.run());
  CHECK(stream.transcript().ends_with("S: -ERR Nothing may follow STLS before its reply\n"));
}

SCENARIO("in a drain, who has logged in may reach QUIT", "[pop3d]") {
  Running stage;
  stage.store = MemoryStore({"a: b\r\n\r\nc\r\n"});
  stage.start();
  stage.loop.runUntilDone(drainWithTime(stage));
  CHECK(stage.store.size() == 0);
}

SCENARIO("who has not reached QUIT when the drain's patience ends deletes nothing", "[pop3d]") {
  Running stage;
  stage.serverConfig.drainPatience = 10ms;
  stage.store = MemoryStore({"a: b\r\n\r\nc\r\n"});
  stage.start();
  stage.loop.runUntilDone(drainWithoutTime(stage));
  CHECK(stage.store.size() == 1);
}

SCENARIO("the autologout timer ends a session without a word and without UPDATE", "[pop3d]") {
  Running stage;
  stage.serverConfig.session.idleTimeout = 250ms;
  stage.store = MemoryStore({"a: b\r\n\r\nc\r\n"});
  stage.start();
  stage.loop.runUntilDone(fallAsleep(stage));
  CHECK(stage.store.size() == 1);
}

SCENARIO("a client that does not read holds up its message, not our memory", "[pop3d]") {
  Running stage;
  std::string message = "Subject: large\r\n\r\n";
  while (message.size() < 64 << 20) message += std::string(1000, 'x') + "\r\n";
  const std::size_t octets = message.size();
  stage.store = MemoryStore({std::move(message)});
  stage.start();
  stage.loop.runUntilDone(readSlowly(stage, octets));
}
