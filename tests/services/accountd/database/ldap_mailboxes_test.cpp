// Mailboxes of people in an external directory: made once, by whoever comes first.
#include "ldap/mailboxes.h"

#include <catch2/catch.hpp>

#include "administration/administration.h"
#include "async/task_group.h"
#include "ldap/office.h"
#include "ldap/unavailable.h"
#include "support/quiet_sink.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::accountd::ldap;

namespace {

constexpr PasswordPolicy kPolicy{.cost = {.passes = 1, .memory = 8 * 1024}};

struct Town {
  Town() { loop.runUntilDone(administration.addDomain("mail.test")); }

  std::optional<Mailbox> settle(const Person& person, const std::string& directory = "ldap:staff") {
    return loop.runUntilDone(mailboxes.of(directory, person));
  }
  std::vector<store::AuditEntry> audit(const std::string& object) {
    return *loop.runUntilDone(administration.audit({.since = {}, .object = object}, 0));
  }
  std::int64_t quota(const std::string& address) {
    return loop.runUntilDone(administration.user(address))->quota.limitBytes;
  }

  test::TestDatabase testDatabase;
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  db::Database database{
      loop, {.url = testDatabase.urlAs("posthouse_accountd"), .applicationName = "accountd", .poolSize = 8}, registry};
  prometheus::Gauge waiting;
  PasswordWorkers workers{loop, 1, 8, waiting};
  Administration administration{database, workers, kPolicy};
  Mailboxes mailboxes{database};
};

Person personAt(std::vector<Address> addresses, std::optional<std::int64_t> quota = std::nullopt) {
  return {.name = "uid=x", .addresses = std::move(addresses), .quotaBytes = quota};
}

Task<> note(Mailboxes& mailboxes, Person person, std::vector<std::int64_t>& accounts) {
  const std::optional<Mailbox> box = co_await mailboxes.of("ldap:staff", std::move(person));
  accounts.push_back(box ? box->account : 0);
}

Task<> together(Mailboxes& mailboxes, Person person, std::vector<std::int64_t>& accounts) {
  TaskGroup group;
  for (int i = 0; i < 16; ++i) group.spawn(note(mailboxes, person, accounts));
  co_await group.drained();
}

}  // namespace

TEST_CASE("many who need a mailbox at once get the same one", "[accountd][ldap][database]") {
  Town town;
  std::vector<std::int64_t> accounts;
  town.loop.runUntilDone(
      together(town.mailboxes, personAt({{"alice", "mail.test"}, {"a", "mail.test"}}, 1000), accounts));
  REQUIRE(accounts.size() == 16);
  CHECK(accounts.front() != 0);
  CHECK(std::ranges::count(accounts, accounts.front()) == 16);
  const auto entries = town.audit("alice@mail.test");
  REQUIRE(entries.size() == 1);
  CHECK(entries.front().actor == "ldap:staff");
  CHECK(entries.front().action == "user.add");
  CHECK(town.audit("a@mail.test").empty());
  CHECK(town.quota("alice@mail.test") == 1000);
}

TEST_CASE("whatever order its addresses come in, a mailbox stays", "[accountd][ldap][database]") {
  Town town;
  const auto first = town.settle(personAt({{"alice", "mail.test"}, {"a", "mail.test"}}));
  const auto again = town.settle(personAt({{"a", "mail.test"}, {"alice", "mail.test"}}));
  REQUIRE(first);
  REQUIRE(again);
  CHECK(first->account == again->account);
  CHECK(again->address == "alice@mail.test");
}

TEST_CASE("an address that is taken here is no mailbox of a directory", "[accountd][ldap][database]") {
  Town town;
  town.loop.runUntilDone(town.administration.addUser({"bob@mail.test", "secret"}));
  town.loop.runUntilDone(town.administration.addAlias("sales@mail.test", {"bob@mail.test"}));
  CHECK_FALSE(town.settle(personAt({{"bob", "mail.test"}})));
  CHECK_FALSE(town.settle(personAt({{"sales", "mail.test"}})));
  CHECK_FALSE(town.settle(personAt({{"x", "other.test"}})));
  const auto free = town.settle(personAt({{"bob", "mail.test"}, {"robert", "mail.test"}}));
  REQUIRE(free);
  CHECK(free->address == "robert@mail.test");
}

TEST_CASE("quotas follow the directory where it has them", "[accountd][ldap][database]") {
  Town town;
  town.loop.runUntilDone(town.administration.setDomain("mail.test", {.defaultQuotaBytes = 5}));
  town.settle(personAt({{"alice", "mail.test"}}));
  CHECK(town.quota("alice@mail.test") == 5);
  town.settle(personAt({{"alice", "mail.test"}}, 7));
  CHECK(town.quota("alice@mail.test") == 7);
  town.settle(personAt({{"alice", "mail.test"}}));
  CHECK(town.quota("alice@mail.test") == 7);
  CHECK(town.audit("alice@mail.test").back().action == "quota.set");
}

TEST_CASE("a full domain is a matter for its administrator, and mail waits", "[accountd][ldap][database]") {
  Town town;
  town.loop.runUntilDone(town.administration.setDomain("mail.test", {.maxUsers = 1}));
  CHECK(town.settle(personAt({{"alice", "mail.test"}})));
  CHECK_THROWS_AS(town.settle(personAt({{"bob", "mail.test"}})), Unavailable);
  CHECK(town.settle(personAt({{"alice", "mail.test"}})));
}

TEST_CASE("the password of a directory's user is not set here, until the user is released",
          "[accountd][ldap][database]") {
  Town town;
  town.settle(personAt({{"alice", "mail.test"}}));
  const auto refused = town.loop.runUntilDone(town.administration.setPassword("alice@mail.test", "secret"));
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().text, Catch::Contains("ldap:staff"));
  Directories directories(town.loop, town.database, {}, town.registry, observe::Log(town.sink, "accountd", "test"));
  Office office(town.database, directories);
  const auto released = town.loop.runUntilDone(office.release("alice@mail.test"));
  REQUIRE(released);
  CHECK(released->directory.empty());
  CHECK(town.audit("alice@mail.test").back().action == "directory.release");
  CHECK(town.loop.runUntilDone(town.administration.setPassword("alice@mail.test", "secret")));
}

namespace {

Task<> change(Administration& administration, std::optional<Answer<store::Account>>& answer) {
  answer = co_await administration.setPassword("alice@mail.test", "another");
}

Task<> commitOnceWaitedFor(net::Loop& loop, test::TestDatabase& database, db::Connection& connection) {
  const auto isWaitedFor = [](db::Transaction& transaction) {
    return transaction.exec1("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")[0].get<bool>(0);
  };
  while (!database.transact(isWaitedFor)) co_await loop.sleep(std::chrono::milliseconds(1));
  connection.commit();
}

}  // namespace

TEST_CASE("a password that is set while its user is adopted is not left here", "[accountd][ldap][database]") {
  Town town;
  town.loop.runUntilDone(town.administration.addUser({"alice@mail.test", "secret"}));
  db::Connection connection(town.testDatabase.urlAs("posthouse_accountd"), "test");
  connection.script("BEGIN");
  db::Transaction adopting(connection);  // as Office::adopt does
  const auto account = store::AccountRepository(adopting).find("alice@mail.test");
  store::AccountRepository(adopting).setDirectory(account.value().id, "ldap:staff");
  store::CredentialRepository(adopting).set("alice@mail.test", {});

  std::optional<Answer<store::Account>> answer;
  TaskGroup both;
  both.spawn(change(town.administration, answer));
  both.spawn(commitOnceWaitedFor(town.loop, town.testDatabase, connection));
  town.loop.runUntilDone(both.drained());
  REQUIRE_FALSE(answer.value());
  CHECK_THAT(answer->error().text, Catch::Contains("ldap:staff"));
  const auto credential = town.testDatabase.transact(
      [](db::Transaction& transaction) { return store::CredentialRepository(transaction).find("alice@mail.test"); });
  CHECK(credential.value().phc.empty());
  CHECK(town.audit("alice@mail.test").back().action == "user.add");
}

TEST_CASE("who may ask and change what about external directories", "[accountd][ldap][database]") {
  Town town;
  town.loop.runUntilDone(town.administration.addDomain("other.test"));
  for (const char* const user : {"chief@mail.test", "mayor@mail.test", "stranger@other.test", "plain@mail.test"})
    town.loop.runUntilDone(town.administration.addUser({user, "secret"}));
  town.loop.runUntilDone(town.administration.addAdministrator("chief@mail.test", ""));
  town.loop.runUntilDone(town.administration.addAdministrator("mayor@mail.test", "mail.test"));
  town.loop.runUntilDone(town.administration.addAdministrator("stranger@other.test", "other.test"));
  town.settle(personAt({{"alice", "mail.test"}}));
  Settings settings{.name = "staff", .domains = {"mail.test"}, .urls = {"ldapi://%2Fnowhere"}};
  settings.base = *Pattern::parse("dc=x");
  settings.userFilter = *Pattern::parse("(mail=%{address})");
  Directories directories(town.loop, town.database, {settings}, town.registry,
                          observe::Log(town.sink, "accountd", "test"));
  const auto [who, mayCheck, mayShow, mayRelease] = GENERATE(table<std::string, bool, bool, bool>({
      {"", true, true, true},
      {"chief@mail.test", true, true, true},
      {"mayor@mail.test", false, true, true},
      {"stranger@other.test", false, false, false},
      {"plain@mail.test", false, false, false},
      {"alice@mail.test", false, false, false},
  }));
  CAPTURE(who);
  Office office = Office(town.database, directories).as({.address = who});
  CHECK(town.loop.runUntilDone(office.check()).has_value() == mayCheck);
  CHECK(town.loop.runUntilDone(office.release("alice@mail.test")).has_value() == mayRelease);
  if (mayShow) {
    CHECK_THROWS_AS(town.loop.runUntilDone(office.lookUp("alice@mail.test")), Unavailable);  // admitted, and it is away
  } else {
    CHECK_FALSE(town.loop.runUntilDone(office.lookUp("alice@mail.test")));
    CHECK_FALSE(town.loop.runUntilDone(office.adopt("alice@mail.test")));
  }
}
