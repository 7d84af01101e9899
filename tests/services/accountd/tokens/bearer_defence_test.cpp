// Logins by tokens before the defence that stands before passwords.
#include <catch2/catch.hpp>
#include <set>

#include "defence/guard.h"
#include "mechanisms/bearer.h"
#include "services/accountd/tokens/fake_holders.h"
#include "services/accountd/tokens/issuer_street.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::test;
using namespace std::chrono_literals;
using Result = Outcome::Result;

namespace {

struct NoPlaces : PlaceStore {
  Task<std::vector<std::int64_t>> namesAt(std::string, int) override { co_return std::vector<std::int64_t>(); }
};

struct NoCredentials : Credentials {
  Task<std::optional<Credential>> find(std::string) override { co_return std::nullopt; }
  Task<> replace(std::string, std::string, Secrets) override { co_return; }
  Task<std::string> sharedSecret(std::string) override { co_return std::string(32, 's'); }
};

/// A client that has nothing to say to what is wrong with its token.
struct Client : Conversation {
  explicit Client(Guard::Visit& ofVisit) : visit(ofVisit) {}
  Task<std::string> ask(std::string) override { co_return "\x01"; }
  Task<> claims(std::string name, std::optional<std::string> secret) override {
    return visit.claims(std::move(name), std::move(secret));
  }

  Guard::Visit& visit;
};

/// Delays of a moment, so that nobody waits for them here.
DefenceRules quick() {
  DefenceRules rules;
  rules.longestDelay = 1ms;
  rules.exempt = {*net::Network::parse("203.0.113.0/24")};
  return rules;
}

struct Gate {
  /// The issuer is asked about each token.
  void ask() {
    street.asks();
    refuse();
    street.open();
  }
  /// Or verifies them by its keys.
  void open(bool isAsked) {
    if (isAsked) {
      ask();
    } else {
      street.open();
    }
  }
  void refuse() { street.introspection({{"active", false}}); }
  void vouchFor(const std::string& address) {
    street.introspection(street.but({{"active", true}, {"email", address}}));
  }
  int asked() const { return street.askedFor("/introspect"); }

  Result login(const std::string& address, const std::string& name, const std::string& token) {
    const Result result = street.loop.runUntilDone(exchange(address, name, token));
    now += 1s;
    return result;
  }
  /// Tokens that nobody issued, each another, until one is not looked at: how many were.
  int guess(const std::string& address, const std::string& name, int most) {
    for (int i = 0; i < most; ++i)
      if (login(address, name, "guess-" + std::to_string(++guesses)) != Result::badPassword) return i;
    return most;
  }
  /// Passwords of names that nobody has, until the network is banned.
  void banBy(const std::string& address) {
    const auto origin = Origin::of(address);
    for (int i = 0; i < 40; ++i)
      street.loop.runUntilDone(
          defence.failed(&*origin, defence.nameOf("n" + std::to_string(i) + "@mail.test"), "", std::uint16_t{1}));
  }
  Task<Result> exchange(std::string address, std::string name, std::string token) {
    const Connection connection{
        .protocol = "imap", .remoteAddress = std::move(address), .sessionId = {}, .channelBindings = {}};
    Guard::Visit visit(guard, connection);
    Client client(visit);
    BearerMechanism bearer("OAUTHBEARER", holders, *street.verifier);
    const std::string message = "n," + (name.empty() ? "" : "a=" + name) + ",\x01" +
                                "auth=" + (token.empty() ? "" : "Bearer ") + token + "\x01\x01";
    Result result = Result::throttled;
    try {
      Outcome outcome = co_await bearer.exchange(message, connection, client);
      outcome = co_await visit.conclude(std::move(outcome));
      result = outcome.result;
    } catch (const TurnedAway&) {
    }
    co_return result;
  }
  Task<> count(std::string address, std::string token, std::map<Result, int>& results) {
    const Result result = co_await exchange(std::move(address), "", std::move(token));
    ++results[result];
  }
  double failures(const std::string& counts) const {
    return valueOf(street.registry, "posthouse_auth_failures_total{counts=\"" + counts + "\"}").value_or(0);
  }
  double bans() const { return valueOf(street.registry, "posthouse_auth_bans_total").value_or(0); }
  double delayed() {
    double all = 0;
    for (const char* cause : {"network", "neighbourhood", "account", "pair"})
      all += valueOf(street.registry, std::string("posthouse_auth_delayed_total{cause=\"") + cause + "\"}").value_or(0);
    return all;
  }

  IssuerStreet street;
  FakeHolders holders;
  NoPlaces places;
  NoCredentials credentials;
  DefenceMetrics metrics{street.registry};
  std::chrono::steady_clock::time_point now{1h};
  Defence defence{quick(), places, metrics, observe::Log(street.sink, "accountd", "1"), [this] { return now; }};
  Guard guard{street.loop, defence, credentials, metrics};
  int guesses = 0;
};

constexpr const char* kHome = "198.51.100.1";
constexpr const char* kOther = "192.0.2.7";

}  // namespace

TEST_CASE("an issuer is asked about a few wrong tokens of a network, and then about none", "[accountd][defence]") {
  Gate gate;
  gate.ask();
  const std::string name = GENERATE("", "alice@mail.test");
  CAPTURE(name);
  for (int i = 0; i < 30; ++i) gate.guess(kOther, name, 1);
  CHECK(gate.asked() == 10);
  CHECK(gate.bans() >= 1);
  gate.vouchFor("alice@mail.test");
  CHECK(gate.login(kOther, name, "good") == Result::throttled);
  CHECK(gate.asked() == 10);
  CHECK(gate.login(kHome, name, "good") == Result::ok);
}

TEST_CASE("the same token over and over counts once, whatever is wrong with it", "[accountd][defence]") {
  Gate gate;
  const bool isAsked = GENERATE(false, true);
  const std::string name = GENERATE("", "alice@mail.test");
  CAPTURE(isAsked, name);
  gate.open(isAsked);
  const std::string expired = isAsked ? "expired" : gate.street.token({{"exp", 1}});
  for (int i = 0; i < 100; ++i) REQUIRE(gate.login(kHome, name, expired) == Result::badPassword);
  CHECK(gate.failures("yes") == 1);
  CHECK(gate.failures("repeated") == 99);
  CHECK(gate.bans() == 0);
  CHECK(gate.delayed() == 0);
  gate.vouchFor("alice@mail.test");
  CHECK(gate.login(kHome, name, isAsked ? "fresh" : gate.street.token()) == Result::ok);
}

TEST_CASE("who is at home logs in by a token, whatever others try from there", "[accountd][defence]") {
  Gate gate;
  const bool isAsked = GENERATE(false, true);
  CAPTURE(isAsked);
  gate.open(isAsked);
  gate.vouchFor("alice@mail.test");
  const auto token = [&] { return isAsked ? "good-" + std::to_string(++gate.guesses) : gate.street.token(); };
  REQUIRE(gate.login(kHome, "", token()) == Result::ok);
  gate.banBy(kHome);
  REQUIRE(gate.bans() > 0);
  CHECK(gate.login(kHome, "alice@mail.test", token()) == Result::ok);
  CHECK(gate.login(kHome, "", token()) == Result::ok);
  CHECK(gate.login(kHome, "off@mail.test", token()) == Result::throttled);
  CHECK(gate.delayed() == 0);

  // And what is guessed without a name is bounded there, too.
  gate.refuse();
  const int guesses = gate.guess(kHome, "", 1'000);
  CHECK(guesses >= 50);
  CHECK(guesses <= 60);  // some are half forgotten meanwhile
  if (isAsked) return;
  CHECK(gate.login(kHome, "", token()) == Result::ok);
}

TEST_CASE("a ban of an account holds for its tokens, whether they say whose they are or not", "[accountd][defence]") {
  Gate gate;
  const bool isAsked = GENERATE(false, true);
  CAPTURE(isAsked);
  gate.open(isAsked);
  gate.vouchFor("alice@mail.test");
  gate.street.loop.runUntilDone(makeReady(gate.defence, gate.credentials));
  gate.defence.bans().add({.subject = {"", gate.defence.nameOf("alice@mail.test")},
                           .address = "alice@mail.test",
                           .reason = "stolen",
                           .isAutomatic = false,
                           .until = gate.now + 1h});
  for (const char* name : {"", "alice@mail.test"})
    CHECK(gate.login(kHome, name, isAsked ? "good" : gate.street.token()) == Result::throttled);
  CHECK(gate.asked() == (isAsked ? 1 : 0));
  CHECK(gate.defence.bans().find(nullptr, gate.defence.nameOf("bob@mail.test")) == nullptr);
}

TEST_CASE("good tokens of many users from one address wait for nobody", "[accountd][defence]") {
  Gate gate;
  for (int i = 0; i < 30; ++i) {
    const std::string user = "user" + std::to_string(i) + "@mail.test";
    gate.holders.known[user] = {10 + i, user};
  }
  gate.ask();
  for (int i = 0; i < 30; ++i) {
    gate.vouchFor("user" + std::to_string(i) + "@mail.test");
    REQUIRE(gate.login(kHome, "", "first-" + std::to_string(i)) == Result::ok);
  }
  std::map<Result, int> results;
  TaskGroup together;
  for (int i = 0; i < 200; ++i) together.spawn(gate.count(kHome, "good-" + std::to_string(i), results));
  gate.street.loop.runUntilDone(together.drained());
  CHECK(results == std::map<Result, int>{{Result::ok, 200}});

  // Each shows its old token once before it gets a new one.
  for (int i = 0; i < 200; ++i) {
    gate.refuse();
    REQUIRE(gate.login(kHome, "", "old-" + std::to_string(i)) == Result::badPassword);
    gate.vouchFor("user7@mail.test");
    REQUIRE(gate.login(kHome, "", "new-" + std::to_string(i)) == Result::ok);
  }
  CHECK(gate.delayed() == 0);
  CHECK(gate.bans() == 0);
}

TEST_CASE("who asks how to get a token has tried nothing", "[accountd][defence]") {
  Gate gate;
  gate.street.open();
  const std::string name = GENERATE("", "alice@mail.test");
  for (int i = 0; i < 100; ++i) REQUIRE(gate.login(kHome, name, "") == Result::badPassword);
  CHECK(gate.failures("yes") == 0);
}

TEST_CASE("tokens of an exempt network are all looked at, and not held against it", "[accountd][defence]") {
  Gate gate;
  gate.ask();
  CHECK(gate.guess("203.0.113.9", "", 50) == 50);
  CHECK(gate.asked() == 50);
  CHECK(gate.failures("yes") == 0);
  CHECK(gate.failures("exempt") == 50);
}
