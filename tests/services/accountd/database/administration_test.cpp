#include "administration/administration.h"

#include <prometheus/registry.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "administration/audit_upkeep.h"
#include "async/task_group.h"
#include "db/database.h"
#include "directory/resolve.h"
#include "directory/store_directory.h"
#include "logins/authenticator.h"
#include "logins/store_credentials.h"
#include "logins/store_second_factors.h"
#include "net/loop.h"
#include "support/quiet_sink.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;

namespace {

constexpr crypto::PasswordCost kCheap{.passes = 1, .memory = 8 * 1024};

/// accountd without gRPC: over a real database, as the role that it has there.
struct Office {
  template <class T>
  T run(Task<T> task) {
    return loop.runUntilDone(std::move(task));
  }
  Answer<store::Account> add(const std::string& address, const std::string& password = "secret") {
    return run(administration.addUser({address, password}));
  }
  Outcome::Result login(const std::string& name, const std::string& password) {
    return run(authenticator.authenticate({"", name, password})).result;
  }
  Resolution who(const std::string& address) {
    const auto job = [&](db::Transaction& transaction) {
      StoreAddressBook book(transaction);
      return resolve(book, address);
    };
    return run(database.query(job));
  }

  test::TestDatabase testDatabase;
  net::Loop loop;
  prometheus::Registry registry;
  prometheus::Gauge waiting;
  db::Database database{
      loop, {.url = testDatabase.urlAs("posthouse_accountd"), .applicationName = "accountd", .poolSize = 2}, registry};
  PasswordWorkers workers{loop, 2, 64, waiting};
  VerifiedPasswords verified{100, 5min};
  StoreCredentials credentials{database};
  const crypto::SealingKeys keys;
  AppPasswordUses uses;
  test::QuietSink sink{registry};
  StoreSecondFactors factors{database, uses, keys, observe::Log(sink, "accountd", "test")};
  Authenticator authenticator{credentials, workers, verified, factors, {.cost = kCheap}};
  Administration administration{database, workers, {.cost = kCheap}};
};

template <class T>
std::optional<Refusal::Kind> refusal(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional(answer.error().kind);
}

using Kind = Refusal::Kind;

}  // namespace

TEST_CASE("a user is added, logs in, is changed and removed", "[accountd][database]") {
  Office office;
  REQUIRE(office.run(office.administration.addDomain("Mail.Test"))->name == "mail.test");
  const auto added = office.run(office.administration.addUser({"Alice@mail.test", "grün", 1 << 30}));
  REQUIRE(added);
  CHECK(added->address == "alice@mail.test");
  CHECK(added->quota.limitBytes == 1 << 30);
  CHECK(office.login("ALICE@mail.test", "gru\u0308n") == Outcome::Result::ok);

  REQUIRE(office.run(office.administration.setPassword("alice@mail.test", "other")));
  CHECK(office.login("alice@mail.test", "grün") == Outcome::Result::badPassword);
  CHECK(office.login("alice@mail.test", "other") == Outcome::Result::ok);

  CHECK_FALSE(office.run(office.administration.setEnabled("alice@mail.test", false))->enabled);
  CHECK(office.login("alice@mail.test", "other") == Outcome::Result::disabled);
  CHECK(office.who("alice@mail.test").result == Resolution::Result::found);
  CHECK(office.run(office.administration.setEnabled("alice@mail.test", true))->enabled);

  CHECK(office.run(office.administration.setQuota("alice@mail.test", 5000))->quota.limitBytes == 5000);
  CHECK(office.run(office.administration.user("alice@mail.test"))->quota.limitBytes == 5000);

  CHECK(office.run(office.administration.removeUser("alice@mail.test")));
  CHECK(office.login("alice@mail.test", "other") == Outcome::Result::noSuchUser);
  CHECK(office.who("alice@mail.test").result == Resolution::Result::noSuchAddress);
  CHECK(office.add("alice@mail.test"));
}

TEST_CASE("a new user has the first mailboxes", "[accountd][database]") {
  Office office;
  REQUIRE(office.run(office.administration.addDomain("mail.test")));
  const auto alice = office.add("alice@mail.test");
  REQUIRE(alice);
  const auto count = office.testDatabase.transact([&](db::Transaction& transaction) {
    return transaction.exec1("SELECT count(*) FROM posthouse.mailbox WHERE account_id = $1", alice->id)[0]
        .get<std::int64_t>(0);
  });
  CHECK(count > 1);
}

TEST_CASE("wishes that cannot be fulfilled are refused with their reason", "[accountd][database]") {
  Office office;
  Administration& administration = office.administration;
  REQUIRE(office.run(administration.addDomain("mail.test")));
  REQUIRE(office.add("alice@mail.test"));
  REQUIRE(office.run(administration.addAlias("sales@mail.test", {"alice@mail.test"})));

  CHECK(refusal(office.run(administration.addDomain("mail.test"))) == Kind::exists);
  CHECK(refusal(office.run(administration.addDomain("no domain"))) == Kind::invalid);
  CHECK(refusal(office.run(administration.removeDomain("mail.test"))) == Kind::inUse);
  CHECK(refusal(office.run(administration.removeDomain("other.test"))) == Kind::notFound);
  CHECK(refusal(office.add("alice@mail.test")) == Kind::exists);
  CHECK(refusal(office.add("sales@mail.test")) == Kind::exists);
  CHECK(refusal(office.add("bob@other.test")) == Kind::notFound);
  CHECK(refusal(office.add("bob")) == Kind::invalid);
  CHECK(refusal(office.add("\"b b\"@mail.test")) == Kind::invalid);
  CHECK(refusal(office.add("bob@mail.test", "")) == Kind::invalid);
  CHECK(refusal(office.add("bob@mail.test", std::string("a\0b", 3))) == Kind::invalid);
  CHECK(refusal(office.add("bob@mail.test", std::string(1025, 'x'))) == Kind::invalid);
  CHECK(refusal(office.run(administration.addUser({"bob@mail.test", "x", -1}))) == Kind::invalid);
  CHECK(refusal(office.run(administration.setPassword("bob@mail.test", "x"))) == Kind::notFound);
  CHECK(refusal(office.run(administration.setEnabled("bob@mail.test", true))) == Kind::notFound);
  CHECK(refusal(office.run(administration.setQuota("bob@mail.test", 1))) == Kind::notFound);
  CHECK(refusal(office.run(administration.removeUser("bob@mail.test"))) == Kind::notFound);
  CHECK(refusal(office.run(administration.user("bob@mail.test"))) == Kind::notFound);
  CHECK(refusal(office.run(administration.users("other.test", ""))) == Kind::notFound);

  CHECK(refusal(office.run(administration.addAlias("x@mail.test", {}))) == Kind::invalid);
  CHECK(refusal(office.run(administration.addAlias("x@mail.test", {"nobody@mail.test"}))) == Kind::notFound);
  CHECK(refusal(office.run(administration.addAlias("x@other.test", {"alice@mail.test"}))) == Kind::notFound);
  CHECK(refusal(office.run(administration.addAlias("alice@mail.test", {"bob@else.example"}))) == Kind::exists);
  CHECK(refusal(office.run(administration.addAlias("sales@mail.test", {"sales+x@mail.test"}))) == Kind::invalid);
  CHECK(refusal(office.run(administration.removeAlias("sales@mail.test", {"bob@mail.test"}))) == Kind::notFound);
  CHECK(refusal(office.run(administration.removeAlias("x@mail.test", {}))) == Kind::notFound);
}

TEST_CASE("a domain's settings decide about its names", "[accountd][database]") {
  Office office;
  Administration& administration = office.administration;
  REQUIRE(office.run(administration.addDomain("mail.test")));
  const auto set = [&](DomainChange change) { return office.run(administration.setDomain("mail.test", change)); };
  CHECK(refusal(set({.catchAll = "alice@mail.test"})) == Kind::notFound);
  CHECK(refusal(set({.catchAll = "alice"})) == Kind::invalid);
  CHECK(refusal(set({.separators = "a"})) == Kind::invalid);
  CHECK(refusal(set({.maxUsers = -1})) == Kind::invalid);
  CHECK(refusal(office.run(administration.setDomain("other.test", {}))) == Kind::notFound);
  CHECK(refusal(office.run(administration.domain("other.test"))) == Kind::notFound);

  CHECK(set({.defaultQuotaBytes = 1000, .maxUsers = 2, .maxAliases = 1})->settings.defaultQuotaBytes == 1000);
  CHECK(office.add("alice@mail.test")->quota.limitBytes == 1000);
  CHECK(office.run(administration.addUser({"bob@mail.test", "x", 0}))->quota.limitBytes == 0);
  CHECK(refusal(office.add("carol@mail.test")) == Kind::limit);
  CHECK(office.run(administration.addAlias("sales@mail.test", {"alice@mail.test"})));
  CHECK(office.run(administration.addAlias("sales@mail.test", {"bob@mail.test"})));
  CHECK(refusal(office.run(administration.addAlias("help@mail.test", {"bob@mail.test"}))) == Kind::limit);

  const auto changed = set({.catchAll = "BOB@mail.test", .separators = "-"});
  CHECK(changed->settings ==
        store::DomainSettings{
            .catchAll = "bob@mail.test", .separators = "-", .defaultQuotaBytes = 1000, .maxUsers = 2, .maxAliases = 1});
  CHECK(office.run(administration.domain("MAIL.test"))->users == 2);
  CHECK(office.who("nobody-x@mail.test").accounts.at(0).address == "bob@mail.test");
  CHECK(office.who("alice-x@mail.test").accounts.at(0).address == "alice@mail.test");
  CHECK(refusal(office.run(administration.addAlias("sales@mail.test", {"nobody@mail.test"}))) == Kind::notFound);
  CHECK(set({.catchAll = ""})->settings.catchAll.empty());
  CHECK(office.who("nobody@mail.test").result == Resolution::Result::noSuchAddress);
}

TEST_CASE("mail that a server must take goes to whom is configured, or else to who was first", "[accountd][database]") {
  Office office;
  Administration& administration = office.administration;
  const auto who = [&](const std::string& address, const PostmasterRule& rule) {
    const auto job = [&](db::Transaction& transaction) {
      StoreAddressBook book(transaction, rule);
      return address.empty() ? resolvePostmaster(book) : resolve(book, address);
    };
    const Resolution resolution = office.run(office.database.query(job));
    if (!resolution.remoteAddresses.empty()) return resolution.remoteAddresses[0];
    return resolution.accounts.empty() ? "nobody" : resolution.accounts[0].address;
  };
  CHECK(who("", {}) == "nobody");
  REQUIRE(office.run(administration.addDomain("mail.test")));
  REQUIRE(office.run(administration.addDomain("second.test")));
  CHECK(who("postmaster@mail.test", {}) == "nobody");
  CHECK(who("postmaster@mail.test", {"chief@else.example", ""}) == "chief@else.example");
  REQUIRE(office.add("zoe@mail.test"));
  REQUIRE(office.add("alice@mail.test"));
  REQUIRE(office.add("bob@second.test"));
  CHECK(who("postmaster@mail.test", {}) == "zoe@mail.test");
  CHECK(who("abuse@mail.test", {}) == "zoe@mail.test");
  CHECK(who("abuse@mail.test", {"bob@second.test", ""}) == "bob@second.test");
  CHECK(who("abuse@mail.test", {"gone@second.test", ""}) == "zoe@mail.test");
  CHECK(who("", {}) == "zoe@mail.test");
  CHECK(who("", {"", "second.test"}) == "bob@second.test");
  CHECK(who("", {"alice@mail.test", "second.test"}) == "alice@mail.test");
  REQUIRE(office.run(administration.setEnabled("zoe@mail.test", false)));
  CHECK(who("postmaster@mail.test", {}) == "alice@mail.test");
}

TEST_CASE("groups and shared mailboxes are their members'", "[accountd][database]") {
  Office office;
  Administration& administration = office.administration;
  REQUIRE(office.run(administration.addDomain("mail.test")));
  REQUIRE(office.run(administration.setDomain("mail.test", {.defaultQuotaBytes = 1000})));
  for (const char* name : {"alice@mail.test", "bob@mail.test", "carol@mail.test"}) REQUIRE(office.add(name));
  const auto add = [&](NewGroup group) { return office.run(administration.addGroup(std::move(group))); };
  using store::AccountKind;

  const auto info = add({.kind = AccountKind::shared, .address = "Info@mail.test", .members = {"bob@mail.test"}});
  REQUIRE(info);
  CHECK(info->account.quota.limitBytes == 1000);
  const auto staff = add({.address = "staff@mail.test", .members = {"ALICE@mail.test", "info@mail.test"}});
  REQUIRE(staff);
  CHECK(staff->members == std::vector<std::string>{"alice@mail.test", "info@mail.test"});
  CHECK(staff->account.quota.limitBytes == 0);

  CHECK(refusal(add({.address = "staff@mail.test", .members = {"bob@mail.test"}})) == Kind::exists);
  CHECK(refusal(add({.address = "x@other.test", .members = {"bob@mail.test"}})) == Kind::notFound);
  CHECK(refusal(add({.address = "x@mail.test", .members = {}})) == Kind::invalid);
  CHECK(refusal(add({.address = "x@mail.test", .members = {"nobody@mail.test"}})) == Kind::notFound);
  CHECK(refusal(add({.address = "x@mail.test", .members = {"staff@mail.test"}})) == Kind::invalid);
  CHECK(refusal(add({.address = "x@mail.test", .members = {"bob@mail.test"}, .quotaBytes = 1})) == Kind::invalid);
  CHECK(refusal(add({.kind = AccountKind::shared, .address = "x@mail.test", .members = {"info@mail.test"}})) ==
        Kind::invalid);
  CHECK(refusal(office.add("staff@mail.test")) == Kind::exists);

  CHECK(office.who("info@mail.test").accounts.at(0).address == "info@mail.test");
  CHECK(office.who("staff@mail.test").accounts.size() == 2);
  CHECK(
      office.run(administration.addMembers("staff@mail.test", {"bob@mail.test", "alice@mail.test"}))->members.size() ==
      3);
  CHECK(office.run(administration.setMembersOnly("staff@mail.test", true))->account.membersOnly);
  CHECK(office.who("staff@mail.test").permittedSenders.size() == 3);
  CHECK(refusal(office.run(administration.setMembersOnly("info@mail.test", true))) == Kind::invalid);
  CHECK(office.run(administration.removeMembers("staff@mail.test", {"info@mail.test"}))->members.size() == 2);
  CHECK(refusal(office.run(administration.removeMembers("staff@mail.test", {"info@mail.test"}))) == Kind::notFound);

  // None of them is a user, and nobody logs in as one.
  CHECK(refusal(office.run(administration.user("staff@mail.test"))) == Kind::notFound);
  CHECK(refusal(office.run(administration.setPassword("info@mail.test", "secret"))) == Kind::notFound);
  CHECK(refusal(office.run(administration.setEnabled("info@mail.test", false))) == Kind::notFound);
  CHECK(refusal(office.run(administration.removeUser("info@mail.test"))) == Kind::notFound);
  CHECK(refusal(office.run(administration.group("alice@mail.test"))) == Kind::notFound);
  CHECK(refusal(office.run(administration.removeGroup("alice@mail.test"))) == Kind::notFound);
  CHECK(office.login("info@mail.test", "") == Outcome::Result::noSuchUser);
  CHECK(office.run(administration.users("", ""))->size() == 3);
  CHECK(office.run(administration.groups(AccountKind::group, "mail.test", ""))->at(0).members.size() == 2);
  CHECK(office.run(administration.groups(AccountKind::shared, "", ""))->at(0).account.address == "info@mail.test");
  CHECK(office.run(administration.setQuota("info@mail.test", 5))->quota.limitBytes == 5);
  CHECK(office.run(administration.quota("info@mail.test"))->quota.limitBytes == 5);
  CHECK(refusal(office.run(administration.setQuota("staff@mail.test", 5))) == Kind::notFound);

  REQUIRE(office.run(administration.removeUser("bob@mail.test")));  // and with him his memberships
  CHECK(office.run(administration.group("staff@mail.test"))->members == std::vector<std::string>{"alice@mail.test"});
  CHECK(office.run(administration.group("info@mail.test"))->members.empty());
  CHECK(office.run(administration.removeGroup("staff@mail.test")));
  CHECK(office.who("staff@mail.test").result == Resolution::Result::noSuchAddress);
}

TEST_CASE("what an account may send as is granted and taken away", "[accountd][database]") {
  Office office;
  Administration& administration = office.administration;
  REQUIRE(office.run(administration.addDomain("mail.test")));
  const auto alice = office.add("alice@mail.test");
  REQUIRE(office.add("bob@mail.test"));
  using store::AccountKind;
  REQUIRE(office.run(administration.addGroup(
      {.kind = AccountKind::shared, .address = "info@mail.test", .members = {"alice@mail.test"}})));
  const auto may = [&](const std::string& address) {
    const auto job = [&](db::Transaction& transaction) {
      StoreAddressBook book(transaction);
      return maySendAs(book, static_cast<std::int64_t>(alice->id), *parseAddress(address));
    };
    return office.run(office.database.query(job));
  };
  const auto add = [&](std::vector<std::string> granted) {
    return office.run(administration.addSendAs("alice@mail.test", std::move(granted)));
  };
  CHECK(may("alice+x@mail.test"));
  CHECK(may("info@mail.test"));
  CHECK_FALSE(may("bob@mail.test"));
  CHECK(add({"BOB@mail.test", "chief@else.example", "@Other.example"})->granted ==
        std::vector<std::string>{"@other.example", "bob@mail.test", "chief@else.example"});
  CHECK(may("bob+x@mail.test"));
  CHECK(may("anybody@other.example"));
  CHECK_FALSE(may("other@else.example"));
  CHECK(refusal(add({"nobody@mail.test"})) == Kind::notFound);
  CHECK(refusal(add({"@"})) == Kind::invalid);
  CHECK(refusal(add({})) == Kind::invalid);
  CHECK(refusal(office.run(administration.addSendAs("info@mail.test", {"bob@mail.test"}))) == Kind::notFound);
  CHECK(office.run(administration.sendAs("alice@mail.test"))->granted.size() == 3);
  CHECK(office.run(administration.removeSendAs("alice@mail.test", {"bob@mail.test"}))->granted.size() == 2);
  CHECK(refusal(office.run(administration.removeSendAs("alice@mail.test", {"bob@mail.test"}))) == Kind::notFound);
  CHECK_FALSE(may("bob@mail.test"));

  // A grant does not outlive what it is for: another bob has granted nothing.
  REQUIRE(office.run(administration.addDomain("other.example")));
  REQUIRE(office.run(administration.addAlias("help@mail.test", {"bob@mail.test"})));
  REQUIRE(add({"bob@mail.test", "help@mail.test"}));
  REQUIRE(office.run(administration.removeAlias("help@mail.test", {"bob@mail.test"})));
  REQUIRE(office.run(administration.removeUser("bob@mail.test")));
  REQUIRE(office.run(administration.removeDomain("other.example")));
  CHECK(office.run(administration.sendAs("alice@mail.test"))->granted ==
        std::vector<std::string>{"chief@else.example"});
}

TEST_CASE("a limit holds however many ask at once", "[accountd][database]") {
  Office office;
  REQUIRE(office.run(office.administration.addDomain("mail.test")));
  REQUIRE(office.run(office.administration.setDomain("mail.test", {.maxUsers = 3})));
  int added = 0;
  {
    TaskGroup adding([](std::exception_ptr thrown) { std::rethrow_exception(thrown); });
    const auto add = [](Office& o, int number, int& count) -> Task<> {
      const auto answer = co_await o.administration.addUser({"u" + std::to_string(number) + "@mail.test", "x"});
      if (answer) ++count;
    };
    for (int i = 0; i < 12; ++i) adding.spawn(add(office, i, added));
    office.run(adding.drained());
  }
  CHECK(added == 3);
  CHECK(office.run(office.administration.domain("mail.test"))->users == 3);
}

TEST_CASE("aliases grow and shrink, and mail follows", "[accountd][database]") {
  Office office;
  Administration& administration = office.administration;
  REQUIRE(office.run(administration.addDomain("mail.test")));
  const auto alice = office.add("alice@mail.test");
  const auto bob = office.add("bob@mail.test");
  REQUIRE(office.run(administration.addAlias("sales@mail.test", {"Alice@mail.test"})));
  REQUIRE(office.run(administration.addAlias("all@mail.test", {"sales@mail.test", "x@else.example"})));
  const auto grown = office.run(administration.addAlias("sales@mail.test", {"bob@mail.test", "alice@mail.test"}));
  CHECK(grown->members == std::vector<std::string>{"alice@mail.test", "bob@mail.test"});

  const Resolution all = office.who("all+x@mail.test");
  CHECK(all.accounts.size() == 2);
  CHECK(all.remoteAddresses == std::vector<std::string>{"x@else.example"});
  CHECK(refusal(office.run(administration.addAlias("sales@mail.test", {"all@mail.test"}))) == Kind::invalid);

  CHECK(office.run(administration.removeAlias("sales@mail.test", {"alice@mail.test"})));
  CHECK(office.who("sales@mail.test").accounts ==
        std::vector<ResolvedAccount>{{static_cast<std::int64_t>(bob->id), "bob@mail.test"}});
  CHECK(office.run(administration.aliases("mail.test", ""))->size() == 2);
  CHECK(office.run(administration.removeAlias("sales@mail.test", {})));
  CHECK(office.who("sales@mail.test").result == Resolution::Result::noSuchAddress);
}

TEST_CASE("a user comes with the hash of another server, logs in, and has argon2id from then on",
          "[accountd][database]") {
  // Of "secret": doveadm pw -s BLF-CRYPT (SHA512-CRYPT, MD5-CRYPT, SSHA, PBKDF2) -p secret, mkpasswd -m yescrypt
  // secret, passlib's pbkdf2_sha256, argon2 somesalt -i -t 3 -m 10 -p 1 -e
  const std::string hash = GENERATE(
      "{BLF-CRYPT}$2y$05$eJiXkCDgZsfLjZ/gg.mXouEXxegopX2osh8rPizSHfMKK/hbdBDsG",
      "{SHA512-CRYPT}$6$r2JcdWfpm2AWpA6g$yNwCqxDDAZStuFZ0YtGx3Q9gsz50K3ezMZb.JIxOtt.9PvSkcMJaI1dPdjF3Ucr9iIGib9AUHopGV"
      "xW4alf0W.",
      "{MD5-CRYPT}$1$zfKhcLZ9$SryQ6js7eFzNTyuJOWD9L1", "{SSHA}LxGFiD0RgQN4wqBgb3I4SJZKsc+rBXgB",
      "{PBKDF2}$1$jRAUcPJAouqhPQBa$5000$e807a35818b99b853519748e13a8ec06599ce72d",
      "$y$j9T$vOx8N6g6/LYOwCbjwsLVS0$lTQiYxYC7DE1UOrTd4oMj/r/1x7uoMUtd1Tc6dV0BTA",
      "$pbkdf2-sha256$1000$QwghhDAmBGAsRchZS4kxBg$526EM7ZSMjGXs0gSb602KIgJ1PluRtqERvQZewqkclw",
      "$argon2i$v=19$m=1024,t=3,p=1$c29tZXNhbHQ$/95n2IV78s4XlQVYR3nujzWcpfBLddQFa2Zw+cfVmfk");
  CAPTURE(hash);
  Office office;
  const auto stored = [&] { return office.run(office.credentials.find("alice@mail.test"))->phc; };
  REQUIRE(office.run(office.administration.addDomain("mail.test")));
  REQUIRE(office.run(office.administration.addUser({"Alice@mail.test", "", 0, hash})));
  CHECK(stored() == hash);
  CHECK(office.login("alice@mail.test", "wrong") == Outcome::Result::badPassword);
  CHECK(office.login("alice@mail.test", hash) == Outcome::Result::badPassword);
  CHECK(stored() == hash);
  CHECK(office.login("alice@mail.test", "secret") == Outcome::Result::ok);
  CHECK_FALSE(crypto::needsRehash(stored(), kCheap));
  CHECK(office.login("alice@mail.test", "secret") == Outcome::Result::ok);
  CHECK(office.login("alice@mail.test", "wrong") == Outcome::Result::badPassword);
}

TEST_CASE("a password that another server kept as it is is hashed before it is stored", "[accountd][database]") {
  Office office;
  REQUIRE(office.run(office.administration.addDomain("mail.test")));
  REQUIRE(office.run(office.administration.addUser({"alice@mail.test", "", 0, "{PLAIN}grün"})));
  CHECK_FALSE(crypto::needsRehash(office.run(office.credentials.find("alice@mail.test"))->phc, kCheap));
  CHECK(office.login("alice@mail.test", "gru\u0308n") == Outcome::Result::ok);
}

TEST_CASE("a hash that no login could be checked against is refused with its reason", "[accountd][database]") {
  Office office;
  REQUIRE(office.run(office.administration.addDomain("mail.test")));
  const auto [password, hash, reason] = GENERATE(table<std::string, std::string, std::string>({
      {"", "{CRAM-MD5}cd3ba7de", "{CRAM-MD5} is not a scheme"},
      {"", "$2b$31$" + std::string(53, 'a'), "costs up to 14"},
      {"", "{PLAIN}", "empty"},
      {"secret", "{SSHA}LxGFiD0RgQN4wqBgb3I4SJZKsc+rBXgB", "one of them"},
      {"", "", "empty"},
  }));
  const auto refused = office.run(office.administration.addUser({"alice@mail.test", password, 0, hash}));
  REQUIRE(refusal(refused) == Kind::invalid);
  CHECK_THAT(refused.error().text, Catch::Contains(reason));
}

TEST_CASE("of users who are added together, each is added or refused alone", "[accountd][database]") {
  Office office;
  REQUIRE(office.run(office.administration.addDomain("mail.test")));
  REQUIRE(office.add("alice@mail.test"));
  const auto added =
      office.run(office.administration.addUsers({{"bob", "mail.test", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="},
                                                 {"alice", "mail.test", "$1$"},
                                                 {"carol", "other.test", "$1$"}}));
  CHECK(added[0] == "bob@mail.test");
  CHECK(refusal(added[1]) == Kind::exists);
  CHECK(refusal(added[2]) == Kind::notFound);
  CHECK(office.login("bob@mail.test", "secret") == Outcome::Result::ok);
}

TEST_CASE("a rehash never overwrites a password that was changed meanwhile", "[accountd][database]") {
  Office office;
  REQUIRE(office.run(office.administration.addDomain("mail.test")));
  REQUIRE(office.add("alice@mail.test", "new"));
  const std::string stale = crypto::hashPassword("old", kCheap);
  office.run(office.credentials.replace("alice@mail.test", stale, {.phc = stale, .scram = {}}));
  CHECK(office.login("alice@mail.test", "new") == Outcome::Result::ok);

  const std::string current = office.run(office.credentials.find("alice@mail.test"))->phc;
  office.run(office.credentials.replace("alice@mail.test", current, {.phc = stale, .scram = {}}));
  CHECK(office.login("alice@mail.test", "new") == Outcome::Result::badPassword);
  CHECK(office.login("alice@mail.test", "old") == Outcome::Result::ok);
}

TEST_CASE("a change that was not made is not in the audit, and old entries go", "[accountd][database]") {
  Office office;
  Administration& administration = office.administration;
  REQUIRE(office.run(administration.addDomain("mail.test")));
  REQUIRE(office.add("alice@mail.test"));
  CHECK_FALSE(office.add("alice@mail.test"));
  CHECK_FALSE(office.run(administration.removeUser("bob@mail.test")));
  CHECK_FALSE(office.run(administration.setDomain("mail.test", {.separators = "x"})));
  CHECK(office.run(administration.audit({}, 0))->size() == 2);
  CHECK(office.run(administration.audit({}, office.run(administration.audit({}, 0))->front().id))->size() == 1);

  // Nothing is changed where it cannot be noted.
  office.testDatabase.transact(
      [](db::Transaction& transaction) { transaction.script("ALTER TABLE posthouse.audit RENAME TO hidden"); });
  CHECK_THROWS(office.run(administration.setEnabled("alice@mail.test", false)));
  office.testDatabase.transact(
      [](db::Transaction& transaction) { transaction.script("ALTER TABLE posthouse.hidden RENAME TO audit"); });
  CHECK(office.run(administration.user("alice@mail.test"))->enabled);

  office.testDatabase.transact([](db::Transaction& transaction) {
    transaction.script(
        "INSERT INTO posthouse.audit (at, actor, peer, action, object, domain, details) "
        "SELECT now() - interval '2 days', '', '', 'x', 'y', '', '{}' FROM generate_series(1, 2500)");
  });
  CHECK(office.run(pruneAudit(office.database, std::chrono::system_clock::now() - 24h)) == 2500);
  CHECK(office.run(administration.audit({}, 0))->size() == 2);
}

TEST_CASE("administrators are users, and go with them and with their domain", "[accountd][database]") {
  Office office;
  Administration& administration = office.administration;
  for (const char* domain : {"mail.test", "other.test"}) REQUIRE(office.run(administration.addDomain(domain)));
  for (const char* user : {"zoe@mail.test", "alice@mail.test"}) REQUIRE(office.add(user));
  REQUIRE(office.run(administration.addGroup({.address = "staff@mail.test", .members = {"zoe@mail.test"}})));
  const auto add = [&](const std::string& who, const std::string& what) {
    return office.run(administration.addAdministrator(who, what));
  };
  CHECK(add("alice@mail.test", "Other.test")->domain == "other.test");
  CHECK(add("Alice@mail.test", "mail.test"));
  CHECK(refusal(add("alice@mail.test", "mail.test")) == Kind::exists);
  CHECK(refusal(add("nobody@mail.test", "")) == Kind::notFound);
  CHECK(refusal(add("staff@mail.test", "")) == Kind::notFound);
  CHECK(refusal(add("alice@mail.test", "nowhere.test")) == Kind::notFound);
  CHECK(office.who("abuse@mail.test").accounts.at(0).address == "alice@mail.test");  // not zoe, who was first
  CHECK(office.run(administration.administrators())->size() == 2);
  CHECK(office.run(administration.removeDomain("other.test")));
  CHECK(office.run(administration.administrators())->size() == 1);
  CHECK(refusal(office.run(administration.removeAdministrator("alice@mail.test", ""))) == Kind::notFound);
  CHECK(office.run(administration.removeAdministrator("alice@mail.test", "mail.test")));
  CHECK(add("alice@mail.test", ""));
  CHECK(office.who("abuse@mail.test").accounts.at(0).address == "alice@mail.test");
  CHECK(office.run(administration.removeUser("alice@mail.test")));
  CHECK(office.run(administration.administrators())->empty());
}
