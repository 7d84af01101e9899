#include "logins/authenticator.h"

#include <catch2/catch.hpp>
#include <map>

#include "async/task_group.h"
#include "fake_second_factors.h"
#include "net/loop.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;
using Result = Outcome::Result;

namespace {

constexpr crypto::PasswordCost kCheap{.passes = 1, .memory = 8 * 1024};

struct FakeCredentials : Credentials {
  std::map<std::string, Credential> known;
  int replaced = 0;

  Task<std::optional<Credential>> find(std::string login) override {
    const auto found = known.find(login);
    if (found == known.end()) co_return std::nullopt;
    co_return found->second;
  }
  Task<> replace(std::string login, std::string old, Secrets fresh) override {
    if (known.at(login).phc == old) {
      known.at(login).phc = fresh.phc;
      known.at(login).scram = fresh.scram;
    }
    ++replaced;
    co_return;
  }
  Task<std::string> sharedSecret(std::string) override { co_return std::string(32, 's'); }
};

struct Office {
  Office() {
    const crypto::PasswordCost dear{.passes = 2, .memory = 16 * 1024};
    credentials.known["alice@mail.test"] = {1, "alice@mail.test", true, crypto::hashPassword("secret", kCheap)};
    credentials.known["off@mail.test"] = {2, "off@mail.test", false, crypto::hashPassword("secret", kCheap)};
    credentials.known["none@mail.test"] = {3, "none@mail.test", true, ""};
    credentials.known["dear@mail.test"] = {4, "dear@mail.test", true, crypto::hashPassword("grün", dear)};
  }

  Outcome ask(const std::string& name, const std::string& password, const std::string& authorization = "") {
    return loop.runUntilDone(authenticator.authenticate({authorization, name, password}));
  }
  /// On a protocol, and on the web with a code.
  Outcome askOn(const std::string& protocol, const std::string& password, const std::string& code = "") {
    Connection connection;
    connection.protocol = protocol;
    return loop.runUntilDone(authenticator.authenticate({"", "alice@mail.test", password, code, connection}));
  }

  net::Loop loop;
  FakeCredentials credentials;
  prometheus::Gauge waiting;
  PasswordWorkers workers{loop, 2, 16, waiting};
  VerifiedPasswords verified{100, 5min};
  test::FakeSecondFactors factors;
  Authenticator authenticator{credentials, workers, verified, factors, {.cost = kCheap}};
};

}  // namespace

TEST_CASE("a trial is no use of an app password", "[accountd]") {
  Office office;
  office.factors.known["app"] = {.id = 7, .scram = ""};
  const Attempt attempt{.authorizationIdentity = "", .authenticationIdentity = "alice@mail.test", .password = "app"};
  Attempt trial = attempt;
  trial.isTrial = true;
  CHECK(office.loop.runUntilDone(office.authenticator.authenticate(trial)).result == Result::ok);
  CHECK(office.factors.uses.empty());
  CHECK(office.loop.runUntilDone(office.authenticator.authenticate(attempt)).result == Result::ok);
  CHECK(office.factors.uses == std::vector<std::int64_t>{7});
}

TEST_CASE("a name and its password prove an account", "[accountd]") {
  Office office;
  const auto [name, password, authorization, result] = GENERATE(table<std::string, std::string, std::string, Result>({
      {"alice@mail.test", "secret", "", Result::ok},
      {"ALICE@Mail.Test", "secret", "", Result::ok},
      {"alice@mail.test", "secret", "alice@mail.test", Result::ok},
      {"alice@mail.test", "secret", "Alice@MAIL.test", Result::ok},
      {"alice@mail.test", "secret", "bob@mail.test", Result::notAuthorized},
      {"alice@mail.test", "secret", "root", Result::notAuthorized},
      {"alice@mail.test", "wrong", "bob@mail.test", Result::badPassword},
      {"alice@mail.test", "wrong", "", Result::badPassword},
      {"alice@mail.test", "", "", Result::badPassword},
      {"alice@mail.test", "SECRET", "", Result::badPassword},
      {"alice+x@mail.test", "secret", "", Result::noSuchUser},  // mail takes a detail, a login does not
      {"nobody@mail.test", "secret", "", Result::noSuchUser},
      {"alice", "secret", "", Result::noSuchUser},
      {"", "", "", Result::noSuchUser},
      {"off@mail.test", "secret", "", Result::disabled},
      {"off@mail.test", "wrong", "", Result::badPassword},  // disabled is for its owner to know
      {"none@mail.test", "", "", Result::noSuchUser},
      {"dear@mail.test", "gru\u0308n", "", Result::ok},
  }));
  CAPTURE(name, password, authorization);
  const Outcome outcome = office.ask(name, password, authorization);
  CHECK(outcome.result == result);
  CHECK((outcome.account != 0) == (result == Result::ok));
}

TEST_CASE("the answer names the account by its canonical address", "[accountd]") {
  Office office;
  const Outcome outcome = office.ask("Alice@mail.test", "secret");
  CHECK(outcome.account == 1);
  CHECK(outcome.address == "alice@mail.test");
}

TEST_CASE("a changed password and a disabled account take effect at once, remembered or not", "[accountd]") {
  Office office;
  Credential& alice = office.credentials.known.at("alice@mail.test");
  CHECK(office.ask("alice@mail.test", "secret").result == Result::ok);
  CHECK(office.verified.size() == 1);
  CHECK(office.ask("alice@mail.test", "secret").result == Result::ok);

  alice.enabled = false;
  CHECK(office.ask("alice@mail.test", "secret").result == Result::disabled);
  alice.enabled = true;
  alice.phc = crypto::hashPassword("other", kCheap);
  CHECK(office.ask("alice@mail.test", "secret").result == Result::badPassword);
  CHECK(office.ask("alice@mail.test", "other").result == Result::ok);
}

TEST_CASE("a hash of another cost is made again when its owner logs in, and only then", "[accountd]") {
  Office office;
  const std::string old = office.credentials.known.at("dear@mail.test").phc;
  CHECK(office.ask("dear@mail.test", "wrong").result == Result::badPassword);
  CHECK(office.credentials.replaced == 0);
  CHECK(office.ask("dear@mail.test", "grün").result == Result::ok);
  CHECK(office.credentials.replaced == 1);
  CHECK(office.credentials.known.at("dear@mail.test").phc != old);
  CHECK_FALSE(crypto::needsRehash(office.credentials.known.at("dear@mail.test").phc, kCheap));
  CHECK(office.ask("dear@mail.test", "grün").result == Result::ok);
  CHECK(office.ask("alice@mail.test", "secret").result == Result::ok);
  CHECK(office.credentials.replaced == 1);
}

TEST_CASE("a hash of another server is good for one login, and argon2id afterwards", "[accountd]") {
  Office office;
  const auto [password, hash] = GENERATE(table<std::string, std::string>({
      {"secret", "{BLF-CRYPT}$2y$05$eJiXkCDgZsfLjZ/gg.mXouEXxegopX2osh8rPizSHfMKK/hbdBDsG"},  // doveadm pw -s BLF-CRYPT
      {"secret", "{SSHA}LxGFiD0RgQN4wqBgb3I4SJZKsc+rBXgB"},                                   // doveadm pw -s SSHA
      {"secret", "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1"},
      {"secret", "$argon2i$v=19$m=1024,t=3,p=1$c29tZXNhbHQ$/95n2IV78s4XlQVYR3nujzWcpfBLddQFa2Zw+cfVmfk"},
      {"gru\u0308n", "{SHA}CwhkqGvqRr4L4qqrN3ILOZ0ysSs="},  // doveadm pw -s SHA -p $'gru\u0308n': as it came
  }));
  CAPTURE(hash);
  Credential& alice = office.credentials.known.at("alice@mail.test");
  alice.phc = hash;
  CHECK(office.ask("alice@mail.test", password + "x").result == Result::badPassword);
  CHECK(alice.phc == hash);
  CHECK(office.ask("alice@mail.test", password).result == Result::ok);
  CHECK_FALSE(crypto::needsRehash(alice.phc, kCheap));
  CHECK(office.ask("alice@mail.test", password).result == Result::ok);
  CHECK(office.ask("alice@mail.test", password + "x").result == Result::badPassword);
  CHECK(office.credentials.replaced == 1);
}

TEST_CASE("an app password costs no hash, and lets in where it is good", "[accountd]") {
  Office office;
  office.factors.known["an app password"] = {.id = 7, .scram = ""};
  CHECK(office.askOn("imap", "an app password").result == Result::ok);
  CHECK(office.askOn("imap", "an app password").account == 1);
  CHECK(office.factors.uses == std::vector<std::int64_t>{7, 7});
  CHECK(office.verified.size() == 0);
  CHECK(office.askOn("pop3", "an app password").result == Result::badPassword);
  CHECK(office.factors.uses.size() == 2);
  CHECK(office.ask("nobody@mail.test", "an app password").result == Result::noSuchUser);
  CHECK(office.factors.asked.back() == 0);  // as long as for somebody

  Credential& alice = office.credentials.known.at("alice@mail.test");
  alice.phc.clear();
  CHECK(office.askOn("imap", "an app password").result == Result::ok);
  alice.enabled = false;
  CHECK(office.askOn("imap", "an app password").result == Result::disabled);
  CHECK(office.factors.uses.size() == 3);
}

TEST_CASE("where two factors are wanted, a password is for no mail program, and for the web with a code",
          "[accountd]") {
  Office office;
  const bool byDomain = GENERATE(true, false);
  Credential& alice = office.credentials.known.at("alice@mail.test");
  CHECK(office.askOn("imap", "secret").result == Result::ok);
  (byDomain ? alice.twoFactorsRequired : alice.totpInForce) = true;  // remembered or not
  office.factors.known["an app password"] = {.id = 7, .scram = ""};

  for (const char* protocol : {"imap", "pop3", "submission", "managesieve", ""}) {
    CAPTURE(protocol);
    CHECK(office.askOn(protocol, "secret").result == Result::needsAppPassword);
    CHECK(office.askOn(protocol, "secret", "123456").result == Result::needsAppPassword);
    CHECK(office.askOn(protocol, "wrong").result == Result::badPassword);
  }
  CHECK(office.askOn("imap", "an app password").result == Result::ok);

  alice.totpInForce = true;
  CHECK(office.askOn("http", "secret").result == Result::needsCode);
  CHECK(office.askOn("http", "secret").text.empty());
  CHECK(office.askOn("http", "secret").account == 0);
  CHECK(office.askOn("http", "secret", "123456").result == Result::ok);
  CHECK(office.askOn("http", "secret", "654321").result == Result::badCode);
  CHECK(office.askOn("http", "wrong", "123456").result == Result::badPassword);
  CHECK(office.askOn("http", "wrong").result == Result::badPassword);
  alice.enabled = false;
  CHECK(office.askOn("http", "secret").result == Result::disabled);
}

TEST_CASE("whoever must give a code and can make none is told so", "[accountd]") {
  Office office;
  office.credentials.known.at("alice@mail.test").twoFactorsRequired = true;
  for (const char* code : {"", "123456"}) {
    const Outcome outcome = office.askOn("http", "secret", code);
    CHECK(outcome.result == Result::needsCode);
    CHECK_FALSE(outcome.text.empty());
  }
}

namespace {
Task<> count(PasswordWorkers& workers, int& made, int& refused) {
  try {
    const Secrets secrets = co_await workers.derive("x", {.cost = kCheap});
    ++made;
  } catch (const Overloaded&) {
    ++refused;
  }
}

Task<> all(PasswordWorkers& workers, int& made, int& refused) {
  TaskGroup group;
  for (int i = 0; i < 100; ++i) group.spawn(count(workers, made, refused));
  co_await group.drained();
}
}  // namespace

TEST_CASE("hashes beyond the queue are refused at once, the others are made", "[accountd]") {
  net::Loop loop;
  prometheus::Gauge waiting;
  PasswordWorkers workers(loop, 2, 10, waiting);
  int made = 0;
  int refused = 0;
  loop.runUntilDone(all(workers, made, refused));
  CHECK(made + refused == 100);
  CHECK(made >= 10);
  CHECK(refused > 0);
  CHECK(waiting.Value() == 0);
}
