// Secrets that are kept as they are: who may set them, how they are kept, and whom they let in.
#include "logins/shared_secrets.h"
#include "logins/store_credentials.h"

#include <catch2/catch.hpp>

#include "administration/administration.h"
#include "administration/shared_secret_office.h"
#include "base/base64.h"
#include "crypto/digest.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "mechanisms/cram_md5.h"
#include "metrics.h"
#include "observe/log.h"
#include "sasl/apop.h"
#include "services/accountd/database/bureau.h"

using namespace posthouse;
using namespace posthouse::accountd;
using Kind = SharedSecretKind;
using Result = Outcome::Result;

namespace {

constexpr const char* kAlice = "alice@mail.test";
constexpr std::string_view kTimestamp = "<1896.697170952@dbc.mtview.ca.us>";

std::string newKey() {
  return base64::encode(crypto::randomOctets(crypto::SealingKeys::kKeySize));
}

/// accountd, and alice, who has no secret yet.
struct Office : Bureau {
  Office() {
    run(administration.addDomain("mail.test"));
    for (const char* name : {kAlice, "bob@mail.test"}) run(administration.addUser({name, "secret"}));
  }

  void give(Kind kind, const std::string& secret, const std::string& address = kAlice) {
    run(office.set(address, kind, secret));
  }
  /// A client of APOP that knows this secret.
  Outcome apop(const std::string& name, const std::string& secret) {
    const std::string digest = crypto::hex(crypto::digest(crypto::Hash::md5, std::string(kTimestamp) + secret));
    return loop.runUntilDone(secrets().judge(
        Kind::apop, name, "pop3", [&](std::string_view kept) { return sasl::verifyApop(kTimestamp, digest, kept); }));
  }
  /// As if accountd had been started again with these.
  void setKeys(const std::string& text) { keys = *crypto::SealingKeys::parse(text); }
  std::string sealed(Kind kind, const std::string& address = kAlice) {
    return testDatabase.transact([&](db::Transaction& transaction) {
      return store::SharedSecretRepository(transaction).find(address, toText(kind))->sealed;
    });
  }
  SharedSecrets& secrets() { return secrets_; }

  const std::string firstKey = newKey();
  crypto::SealingKeys keys = *crypto::SealingKeys::parse(firstKey);
  SharedSecretOffice office{database, keys};

 private:
  StoreCredentials credentials_{database};
  SharedSecrets secrets_{database, credentials_, keys, observe::Log(sink, "accountd", "test")};
};

/// A client that answers a challenge with what `answer` makes of it.
class Client final : public Conversation {
 public:
  explicit Client(std::function<std::string(const std::string&)> answer) : answer_(std::move(answer)) {}
  Task<std::string> ask(std::string challenge) override {
    challenges.push_back(challenge);
    co_return answer_(challenge);
  }
  std::vector<std::string> challenges;

 private:
  std::function<std::string(const std::string&)> answer_;
};

}  // namespace

TEST_CASE("APOP lets in whoever knows the secret of the account", "[accountd][database]") {
  Office office;
  office.give(Kind::apop, "tanstaaf");
  const Outcome let = office.apop("Alice@MAIL.test", "tanstaaf");
  CHECK(let.result == Result::ok);
  CHECK(let.address == kAlice);
  CHECK(let.account > 0);
  CHECK(let.claimedName == "Alice@MAIL.test");
  CHECK(office.apop(kAlice, "tanstaag").result == Result::badPassword);
  CHECK(office.apop(kAlice, "").result == Result::badPassword);
  CHECK(office.apop(kAlice, "secret").result == Result::badPassword);  // her password
  CHECK(office.apop("bob@mail.test", "tanstaaf").result == Result::badPassword);
  CHECK(office.apop("nobody@mail.test", "tanstaaf").result == Result::noSuchUser);
  CHECK(office.apop("no address", "tanstaaf").result == Result::noSuchUser);
  CHECK(office.apop("", "tanstaaf").result == Result::noSuchUser);
}

TEST_CASE("a disabled account is told so only with its secret", "[accountd][database]") {
  Office office;
  office.give(Kind::apop, "tanstaaf");
  office.run(office.administration.setEnabled(kAlice, false));
  CHECK(office.apop(kAlice, "tanstaaf").result == Result::disabled);
  CHECK(office.apop(kAlice, "tanstaag").result == Result::badPassword);
}

TEST_CASE("a secret is for its mechanism alone, can be replaced, and taken away", "[accountd][database]") {
  Office office;
  office.give(Kind::cramMd5, "for CRAM-MD5");
  CHECK(office.apop(kAlice, "for CRAM-MD5").result == Result::badPassword);
  office.give(Kind::apop, "first");
  office.give(Kind::apop, "second");
  CHECK(office.apop(kAlice, "first").result == Result::badPassword);
  CHECK(office.apop(kAlice, "second").result == Result::ok);
  CHECK(office.run(office.office.secretsOf(kAlice)).kinds == std::vector{Kind::apop, Kind::cramMd5});
  CHECK(office.run(office.office.remove(kAlice, Kind::apop)).kinds == std::vector{Kind::cramMd5});
  CHECK(office.apop(kAlice, "second").result == Result::badPassword);
  CHECK(office.ask(office.office.remove(kAlice, Kind::apop)).error().kind == Refusal::Kind::notFound);
}

TEST_CASE("a secret goes with its account", "[accountd][database]") {
  Office office;
  office.give(Kind::apop, "tanstaaf");
  office.run(office.administration.removeUser(kAlice));
  office.run(office.administration.addUser({kAlice, "secret"}));
  CHECK(office.run(office.office.secretsOf(kAlice)).kinds.empty());
  CHECK(office.apop(kAlice, "tanstaaf").result == Result::badPassword);
}

TEST_CASE("secrets are stored sealed, each for its account and mechanism", "[accountd][database]") {
  Office office;
  office.give(Kind::apop, "unmistakable");
  office.give(Kind::apop, "of bob", "bob@mail.test");
  CHECK_FALSE(office.sealed(Kind::apop).contains("unmistakable"));
  CHECK(office.sealed(Kind::apop).size() > std::string("unmistakable").size());
  office.testDatabase.transact([&](db::Transaction& transaction) {
    transaction.exec("UPDATE posthouse.shared_secret SET sealed = $1", db::Octets{office.sealed(Kind::apop)});
  });
  CHECK(office.apop("bob@mail.test", "unmistakable").result == Result::badPassword);
  CHECK(office.apop(kAlice, "unmistakable").result == Result::ok);
}

TEST_CASE("only accountd's role may read what is sealed", "[accountd][database]") {
  Office office;
  for (const char* role : {"smtpd", "relayd", "lmtp_delivery", "pop3d", "imapd", "managesieved", "filterd", "webd"}) {
    CAPTURE(role);
    db::Database theirs(office.loop,
                        {.url = office.testDatabase.urlAs("posthouse_" + std::string(role)), .applicationName = role},
                        office.registry);
    const auto job = [](db::Transaction& transaction) {
      return transaction.exec("SELECT sealed FROM posthouse.shared_secret").size();
    };
    CHECK_THROWS_WITH(office.loop.runUntilDone(theirs.query(job)), Catch::Contains("permission denied"));
  }
}

TEST_CASE("a login seals again what an older key sealed", "[accountd][database]") {
  Office office;
  office.give(Kind::apop, "tanstaaf");
  const std::string before = office.sealed(Kind::apop);
  const std::string fresh = newKey();
  office.setKeys(fresh + " " + office.firstKey);
  CHECK(office.apop(kAlice, "tanstaag").result == Result::badPassword);
  CHECK(office.sealed(Kind::apop) == before);
  CHECK(office.apop(kAlice, "tanstaaf").result == Result::ok);
  const std::string after = office.sealed(Kind::apop);
  CHECK(after != before);
  office.setKeys(fresh);
  CHECK(office.apop(kAlice, "tanstaaf").result == Result::ok);
  CHECK(office.sealed(Kind::apop) == after);
  office.setKeys(newKey());  // the key is lost
  CHECK(office.apop(kAlice, "tanstaaf").result == Result::badPassword);
}

TEST_CASE("without a key nothing is kept, and the administrator hears what is to be done", "[accountd][database]") {
  Office office;
  office.give(Kind::apop, "tanstaaf");
  office.keys = {};
  const auto refused = office.ask(office.office.set(kAlice, Kind::cramMd5, "tanstaaf"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == Refusal::Kind::notConfigured);
  CHECK_THAT(refused.error().text, Catch::Contains("accountd.sealing_keys is not set"));
  CHECK(office.apop(kAlice, "tanstaaf").result == Result::badPassword);
  CHECK(office.run(office.office.remove(kAlice, Kind::apop)).kinds.empty());
}

TEST_CASE("what is no secret is refused", "[accountd][database]") {
  Office office;
  const auto [secret, words] = GENERATE(table<std::string, std::string>({
      {"", "is empty"},
      {std::string(1025, 'x'), "longer than 1024"},
      {"with a\ttab", "control characters"},
      {std::string("with a\0nul", 10), "control characters"},
      {"\xff", "no character"},
  }));
  CAPTURE(secret);
  const auto refused = office.ask(office.office.set(kAlice, Kind::apop, secret));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == Refusal::Kind::invalid);
  CHECK_THAT(refused.error().text, Catch::Contains(words));
  CHECK(office.ask(office.office.set(kAlice, std::nullopt, "good")).error().kind == Refusal::Kind::invalid);
  CHECK(office.run(office.office.secretsOf(kAlice)).kinds.empty());
}

TEST_CASE("a secret of any length that may be works", "[accountd][database]") {
  Office office;
  const std::string secret = GENERATE(as<std::string>(), "x", std::string(1024, 'x'), "gr\xc3\xbc\xc3\x9f dich ");
  office.give(Kind::apop, secret);
  CHECK(office.apop(kAlice, secret).result == Result::ok);
}

TEST_CASE("administrators turn secrets on and off, users see which they have", "[accountd][database]") {
  Office office;
  office.run(office.administration.addDomain("other.test"));
  for (const char* name : {"boss@mail.test", "chief@mail.test", "eve@other.test"})
    office.run(office.administration.addUser({name, "secret"}));
  office.run(office.administration.addGroup({.address = "staff@mail.test", .members = {kAlice}}));
  office.run(office.administration.addAdministrator("boss@mail.test", ""));
  office.run(office.administration.addAdministrator("chief@mail.test", "mail.test"));
  constexpr auto gone = Refusal::Kind::notFound;
  constexpr auto no = Refusal::Kind::forbidden;
  struct Row {
    std::string actor;
    std::string address;
    std::optional<Refusal::Kind> change;
    std::optional<Refusal::Kind> show;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"", kAlice, {}, {}},
      {"", "staff@mail.test", gone, gone},
      {"", "nobody@mail.test", gone, gone},
      {"boss@mail.test", "eve@other.test", {}, {}},
      {"chief@mail.test", kAlice, {}, {}},
      {"chief@mail.test", "boss@mail.test", no, {}},
      {"chief@mail.test", "eve@other.test", gone, gone},
      {kAlice, kAlice, no, {}},
      {kAlice, "bob@mail.test", gone, gone},
      {"eve@other.test", kAlice, gone, gone},
  }));
  CAPTURE(row.actor, row.address);
  SharedSecretOffice theirs = office.office.as({row.actor});
  const auto refusal = [](const auto& answer) { return answer ? std::nullopt : std::optional(answer.error().kind); };
  CHECK(refusal(office.ask(theirs.set(row.address, Kind::apop, "tanstaaf"))) == row.change);
  CHECK(refusal(office.ask(theirs.secretsOf(row.address))) == row.show);
  CHECK(refusal(office.ask(theirs.remove(row.address, Kind::apop))) == row.change);
}

TEST_CASE("a listing shows who has a secret, as far as the actor may know", "[accountd][database]") {
  Office office;
  office.run(office.administration.addDomain("other.test"));
  office.run(office.administration.addUser({"eve@other.test", "secret"}));
  office.run(office.administration.addAdministrator("bob@mail.test", "mail.test"));
  office.give(Kind::apop, "tanstaaf");
  office.give(Kind::cramMd5, "tanstaaf");
  office.give(Kind::cramMd5, "tanstaaf", "eve@other.test");
  const auto all = office.run(office.office.list("", ""));
  REQUIRE(all.size() == 2);
  CHECK(all[0].address == kAlice);
  CHECK(all[0].kinds == std::vector{Kind::apop, Kind::cramMd5});
  CHECK(all[1].kinds == std::vector{Kind::cramMd5});
  CHECK(office.run(office.office.list("", kAlice)).size() == 1);
  CHECK(office.run(office.office.list("Other.test", "")).front().address == "eve@other.test");
  CHECK(office.ask(office.office.list("nowhere.test", "")).error().kind == Refusal::Kind::notFound);
  SharedSecretOffice bobs = office.office.as({"bob@mail.test"});
  CHECK(office.run(bobs.list("", "")).size() == 1);
  CHECK(office.ask(bobs.list("other.test", "")).error().kind == Refusal::Kind::notFound);
  SharedSecretOffice alices = office.office.as({kAlice});
  CHECK(office.ask(alices.list("", "")).error().kind == Refusal::Kind::forbidden);
}

TEST_CASE("the audit knows that a secret was set, and not which", "[accountd][database]") {
  Office office;
  office.give(Kind::apop, "unmistakable");
  office.run(office.office.remove(kAlice, Kind::apop));
  const auto entries = office.run(office.administration.audit({.object = kAlice}, 0));
  REQUIRE(entries.size() == 3);  // and that she was added
  CHECK(entries[1].action == "shared-secret.set");
  CHECK(entries[1].details == R"({"kind": "apop"})");
  CHECK(entries[2].action == "shared-secret.remove");
  CHECK(entries[2].details == R"({"kind": "apop"})");
}

TEST_CASE("CRAM-MD5 challenges with the host's name, and judges the answer", "[accountd][database]") {
  Office office;
  office.give(Kind::cramMd5, "tanstaaftanstaaf");
  CramMd5 mechanism(office.secrets(), "mx.mail.test");
  const auto exchange = [&](Client& client, std::optional<std::string> initial = std::nullopt) {
    return office.loop.runUntilDone(mechanism.exchange(std::move(initial), {}, client));
  };
  const auto knows = [](const std::string& name, const std::string& secret) {
    return Client([=](const std::string& challenge) {
      return name + " " + crypto::hex(crypto::hmac(crypto::Hash::md5, secret, challenge));
    });
  };
  Client alice = knows(kAlice, "tanstaaftanstaaf");
  CHECK(exchange(alice).result == Result::ok);
  CHECK(exchange(alice).address == kAlice);
  REQUIRE(alice.challenges.size() == 2);
  CHECK(alice.challenges[0] != alice.challenges[1]);
  CHECK_THAT(alice.challenges[0], Catch::Matches(R"(<[A-Za-z0-9_-]{22}\.[0-9]+@mx\.mail\.test>)"));

  Client mallory = knows(kAlice, "secret");
  CHECK(exchange(mallory).result == Result::badPassword);
  Client bob = knows("bob@mail.test", "tanstaaftanstaaf");
  CHECK(exchange(bob).result == Result::badPassword);
  Client nobody = knows("nobody@mail.test", "tanstaaftanstaaf");
  CHECK(exchange(nobody).result == Result::noSuchUser);

  Client mute([](const std::string&) { return std::string("alice@mail.test"); });
  CHECK(exchange(mute).result == Result::malformed);
  Client hasty = knows(kAlice, "tanstaaftanstaaf");
  CHECK(exchange(hasty, "alice@mail.test").result == Result::malformed);
  CHECK(hasty.challenges.empty());
}
