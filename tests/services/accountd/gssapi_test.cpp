// GSSAPI as accountd leads it: with tickets that are forged, and with contexts of no Kerberos at all.
#include "mechanisms/gssapi.h"

#include <prometheus/registry.h>
#include <functional>
#include <map>

#include "forged_ticket.h"
#include "logins/mechanisms.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::string_literals;
using Result = Outcome::Result;

namespace {

const std::string kNoLayer = "\1\0\0\0"s;

class Holders final : public KerberosPrincipals {
 public:
  Task<std::optional<PrincipalHolder>> find(std::string principal) override {
    const auto found = holders.find(principal);
    if (found == holders.end()) co_return std::nullopt;
    co_return found->second;
  }

  std::map<std::string, PrincipalHolder> holders{{"alice@EXAMPLE.TEST", {7, "alice@mail.test"}},
                                                 {"gone@EXAMPLE.TEST", {8, "gone@mail.test", false}}};
};

/// A client that is a list of what it says to each challenge, and then hangs up.
class Client final : public Conversation {
 public:
  using Saying = std::function<std::string(const std::string& challenge)>;
  explicit Client(std::vector<Saying> sayings) : sayings_(std::move(sayings)) {}

  Task<std::string> ask(std::string challenge) override {
    if (heard == sayings_.size()) throw ConversationEnded();
    co_return sayings_[heard++](challenge);
  }

  std::size_t heard = 0;

 private:
  std::vector<Saying> sayings_;
};

Client::Saying says(std::string token) {
  return [token = std::move(token)](const std::string&) { return token; };
}

/// A context whose every answer is said beforehand.
class FakeContext final : public SecurityContext {
 public:
  struct Script {
    std::vector<std::expected<Accepted, Rejection>> tokens;
    std::string initiator = "alice@EXAMPLE.TEST";
    std::expected<std::string, Rejection> unwrapped = kNoLayer;
    bool expired = false;
  };
  explicit FakeContext(Script script) : script_(std::move(script)) {}

  std::expected<Accepted, Rejection> accept(std::string_view) override {
    return next_ < script_.tokens.size() ? script_.tokens[next_++] : Accepted{"more", false};
  }
  std::string initiator() override { return script_.initiator; }
  std::expected<std::string, Rejection> wrap(std::string_view message) override { return std::string(message); }
  std::expected<std::string, Rejection> unwrap(std::string_view) override { return script_.unwrapped; }
  bool hasExpired() override { return script_.expired; }

 private:
  const Script script_;
  std::size_t next_ = 0;
};

class FakeAcceptor final : public Acceptor {
 public:
  explicit FakeAcceptor(FakeContext::Script script) : script_(std::move(script)) {}
  std::unique_ptr<SecurityContext> begin(std::string) override { return std::make_unique<FakeContext>(script_); }

 private:
  const FakeContext::Script script_;
};

struct Stage {
  Outcome exchange(Acceptor& acceptor, std::optional<std::string> initial, std::vector<Client::Saying> sayings,
                   const std::string& protocol = "imap") {
    Mechanisms mechanisms;
    mechanisms.offer(std::make_unique<Gssapi>(KerberosParts{settings, acceptor, workers, principals}));
    Client client(std::move(sayings));
    Connection connection;
    connection.protocol = protocol;
    Outcome outcome =
        loop.runUntilDone(mechanisms.exchange("GSSAPI", std::move(initial), std::move(connection), client));
    heard = client.heard;
    return outcome;
  }
  Outcome exchange(FakeContext::Script script, std::vector<Client::Saying> sayings = {says("wrapped")},
                   const std::string& token = "token") {
    FakeAcceptor acceptor(std::move(script));
    return exchange(acceptor, token, std::move(sayings));
  }

  net::Loop loop;
  prometheus::Registry registry;
  prometheus::Gauge& waiting = prometheus::BuildGauge().Name("waiting").Register(registry).Add({});
  WorkerThreads workers{loop, 1, 8, "tickets", waiting};
  Holders principals;
  KerberosSettings settings{.keytab = "x", .services = {"imap", "pop"}, .replayCache = {}};
  std::size_t heard = 0;
};

const SecurityContext::Accepted kComplete{"", true};

}  // namespace

TEST_CASE("a ticket logs its principal's account in", "[accountd][kerberos]") {
  Forge forge;
  forge.addKey("imap/mail.test@EXAMPLE.TEST");
  GssAcceptor acceptor(forge.keytab(), forge.file("replays"));
  Stage stage;
  const std::string identity = GENERATE(""s, "alice@mail.test"s, "Alice@MAIL.test"s);
  const bool waits = GENERATE(false, true);
  Initiator client(forge, {});
  std::vector<Client::Saying> sayings{[&](const std::string& challenge) { return client.step(challenge); },
                                      [&](const std::string& challenge) {
                                        CHECK(client.unwrap(challenge) == kNoLayer);
                                        return client.wrap(kNoLayer + identity);
                                      }};
  if (waits)
    sayings.insert(sayings.begin(), [&](const std::string& challenge) {
      CHECK(challenge.empty());
      return client.step();
    });
  const Outcome outcome =
      stage.exchange(acceptor, waits ? std::nullopt : std::optional(client.step()), std::move(sayings));
  CHECK(outcome.result == Result::ok);
  CHECK(outcome.account == 7);
  CHECK(outcome.address == "alice@mail.test");
  CHECK(outcome.claimedName == "alice@EXAMPLE.TEST");
}

TEST_CASE("what becomes of a client that has proved to be a principal", "[accountd][kerberos]") {
  Stage stage;
  const auto outcomeOf = [&](const std::string& principal, const std::string& identity) {
    return stage.exchange({.tokens = {kComplete}, .initiator = principal, .unwrapped = kNoLayer + identity});
  };
  CHECK(outcomeOf("alice@EXAMPLE.TEST", "").result == Result::ok);
  CHECK(outcomeOf("alice@EXAMPLE.TEST", "gone@mail.test").result == Result::notAuthorized);
  CHECK(outcomeOf("alice@EXAMPLE.TEST", "alice").result == Result::notAuthorized);
  CHECK(outcomeOf("alice@EXAMPLE.TEST", "alice@EXAMPLE.TEST").result == Result::notAuthorized);
  CHECK(outcomeOf("gone@EXAMPLE.TEST", "").result == Result::disabled);
  const Outcome nobody = outcomeOf("alice@OTHER.TEST", "");
  CHECK(nobody.result == Result::noSuchUser);
  CHECK(nobody.claimedName == "alice@OTHER.TEST");
  CHECK(outcomeOf("alice@example.test", "").result == Result::noSuchUser);
  CHECK(outcomeOf("\xFF\n@EXAMPLE.TEST", "").claimedName == "(a name that cannot be shown)");
}

TEST_CASE("a ticket that runs out within the exchange lets nobody in", "[accountd][kerberos]") {
  Stage stage;
  const Outcome outcome = stage.exchange({.tokens = {kComplete}, .expired = true});
  CHECK(outcome.result == Result::badTicket);
  CHECK(outcome.claimedName == "alice@EXAMPLE.TEST");
}

TEST_CASE("a security layer is not to be had", "[accountd][kerberos]") {
  Stage stage;
  const std::string choice = GENERATE("\2\0\x10\0"s, "\4\0\x10\0"s, "\1\0\x10\0"s, ""s);
  const Outcome outcome = stage.exchange({.tokens = {kComplete}, .unwrapped = choice});
  CHECK(outcome.result == Result::malformed);
  CHECK_THAT(outcome.text, Catch::StartsWith("GSSAPI: "));
}

TEST_CASE("what does not unwrap lets nobody in", "[accountd][kerberos]") {
  Stage stage;
  const Outcome outcome =
      stage.exchange({.tokens = {kComplete}, .unwrapped = std::unexpected(Rejection{false, "a wrong checksum"})});
  CHECK(outcome.result == Result::badTicket);
  CHECK(outcome.detail == "a wrong checksum");
}

TEST_CASE("tokens go to and fro until the context is complete, and not without end", "[accountd][kerberos]") {
  Stage stage;
  const SecurityContext::Accepted more{"more", false};
  const SecurityContext::Accepted last{"last", true};
  CHECK(stage.exchange({.tokens = {more, more, kComplete}}, {says("2"), says("3"), says("wrapped")}).result ==
        Result::ok);
  CHECK(stage.exchange({.tokens = {more, last}}, {says("2"), says(""), says("wrapped")}).result == Result::ok);
  CHECK(stage.exchange({.tokens = {more, last}}, {says("2"), says("3")}).result == Result::malformed);
  CHECK(stage.exchange({.tokens = {}}, std::vector<Client::Saying>(100, says("again"))).result == Result::malformed);
  CHECK(stage.heard < 10);
}

TEST_CASE("tokens have a size", "[accountd][kerberos]") {
  Stage stage;
  CHECK(stage.exchange({.tokens = {kComplete}}, {says("wrapped")}, std::string(65'536, 'x')).result == Result::ok);
  CHECK(stage.exchange({.tokens = {kComplete}}, {says("wrapped")}, std::string(65'537, 'x')).result ==
        Result::malformed);
  CHECK(stage.exchange({.tokens = {kComplete}}, {says(std::string(65'537, 'x'))}).result == Result::malformed);
}

TEST_CASE("a token that is refused ends the exchange", "[accountd][kerberos]") {
  Stage stage;
  const Outcome refused = stage.exchange({.tokens = {std::unexpected(Rejection{false, "Clock skew too great"})}});
  CHECK(refused.result == Result::badTicket);
  CHECK(refused.detail == "Clock skew too great");
  CHECK(refused.text.empty());
  const Outcome rubbish = stage.exchange({.tokens = {std::unexpected(Rejection{true, "Invalid token"})}});
  CHECK(rubbish.result == Result::malformed);
  CHECK(rubbish.text == "GSSAPI: not a token of Kerberos");
  CHECK(stage.heard == 0);
}

TEST_CASE("a client that gives up within the exchange ends it", "[accountd][kerberos]") {
  Stage stage;
  CHECK_THROWS_AS(stage.exchange({.tokens = {kComplete}}, {}), ConversationEnded);
}

TEST_CASE("there is GSSAPI where there are keys for it", "[accountd][kerberos]") {
  Stage stage;
  FakeAcceptor acceptor({.tokens = {kComplete}});
  CHECK(stage.exchange(acceptor, "token", {says("wrapped")}, "pop3").result == Result::ok);
  for (const char* protocol : {"submission", "http", "carrier-pigeon", ""})
    CHECK(stage.exchange(acceptor, "token", {}, protocol).result == Result::noSuchMechanism);
}
