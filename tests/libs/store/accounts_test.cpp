#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <thread>

#include "concurrent.h"
#include "db/migrations.h"
#include "store/account_repository.h"
#include "store/mailbox_repository.h"
#include "store/migrations.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;

TEST_CASE("migrations run once, and again do nothing", "[store]") {
  const std::string url = test::TestDatabase::emptyUrl();
  CHECK(db::schemaVersion(url) == 0);
  CHECK(db::migrate(url, migrations()) == static_cast<int>(migrations().size()));
  CHECK(db::migrate(url, migrations()) == 0);
  CHECK(db::schemaVersion(url) == schemaVersion());
  CHECK_THROWS_WITH(db::migrate(url, migrations().first(1)), Catch::Contains("newer"));
}

TEST_CASE("a domain goes only when nobody is left in it", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    DomainRepository domains(transaction);
    CHECK(domains.add("mail.test"));
    CHECK(domains.add("mail.test").error() == DirectoryError::exists);
    CHECK(AccountRepository(transaction).create("alice", "mail.test", "$argon2id$"));
    CHECK(domains.remove("mail.test").error() == DirectoryError::inUse);
    CHECK(domains.remove("other.test").error() == DirectoryError::notFound);
    const auto listed = domains.list();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].users == 1);
    CHECK(AccountRepository(transaction).remove("alice@mail.test"));
    CHECK(domains.remove("mail.test"));
    CHECK_FALSE(domains.exists("mail.test"));
  });
}

TEST_CASE("an account has a login, a credential, a quota and its first mailboxes", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice@mail.test", "$argon2id$secret", 1000);
  database.transact([&](db::Transaction& transaction) {
    AccountRepository accounts(transaction);
    const auto found = accounts.find("alice@mail.test");
    REQUIRE(found);
    CHECK(found->id == alice);
    CHECK(found->enabled);
    CHECK(found->quota.limitBytes == 1000);
    CHECK_FALSE(accounts.find("bob@mail.test"));
    CHECK(accounts.create("alice", "mail.test", "").error() == DirectoryError::exists);
    CHECK(accounts.create("alice", "other.test", "").error() == DirectoryError::noSuchDomain);

    CredentialRepository credentials(transaction);
    CHECK(credentials.find("alice@mail.test")->phc == "$argon2id$secret");
    CHECK(credentials.set("alice@mail.test", {"$argon2id$new", "SCRAM-SHA-256$x"}));
    CHECK(credentials.find("alice@mail.test")->phc == "$argon2id$new");
    CHECK(credentials.find("alice@mail.test")->scram == "SCRAM-SHA-256$x");
    CHECK(credentials.replace("alice@mail.test", "$argon2id$new", {"$argon2id$newer"}));
    CHECK(credentials.find("alice@mail.test")->scram.empty());
    CHECK_FALSE(credentials.replace("alice@mail.test", "$argon2id$new", {"$argon2id$new"}));
    CHECK(credentials.sharedSecret("one", std::string("\0a", 2)) == std::string("\0a", 2));
    CHECK(credentials.sharedSecret("one", "other") == std::string("\0a", 2));
    CHECK_FALSE(credentials.set("bob@mail.test", {"x"}));
    CHECK(accounts.setEnabled("alice@mail.test", false));
    CHECK_FALSE(credentials.find("alice@mail.test")->enabled);

    CHECK(QuotaRepository(transaction).set(alice, 5));
    CHECK(QuotaRepository(transaction).get(alice)->limitBytes == 5);
    CHECK(MailboxRepository(transaction, alice).list().size() == 6);
    CHECK(MailboxRepository(transaction, alice).find("inbox")->id == kInbox);
  });
}

TEST_CASE("of many accounts that are made at once, each is made or refused alone", "[store]") {
  test::TestDatabase database;
  database.addAccount("alice@mail.test");
  database.transact([](db::Transaction& transaction) {
    CHECK(AliasRepository(transaction).add("sales", "mail.test", {"alice@mail.test"}));
    const std::vector<NewAccount> wishes = {
        {"bob", "mail.test", "$argon2id$b", 5}, {"alice", "mail.test", "$argon2id$"},
        {"carol", "other.test", "$argon2id$"},  {"sales", "mail.test", "$argon2id$"},
        {"dave", "mail.test", "{SSHA}x"},       {"bob", "mail.test", "$argon2id$second", 6}};
    AccountRepository accounts(transaction);
    const auto answers = accounts.create(wishes);
    REQUIRE(answers.size() == wishes.size());
    CHECK(answers[0]);
    CHECK(answers[1].error() == DirectoryError::exists);
    CHECK(answers[2].error() == DirectoryError::noSuchDomain);
    CHECK(answers[3].error() == DirectoryError::exists);
    CHECK(answers[4]);
    CHECK(answers[5].error() == DirectoryError::exists);
    CHECK(answers[0] != answers[4]);

    CHECK(accounts.find("bob@mail.test")->quota.limitBytes == 5);
    CHECK(CredentialRepository(transaction).find("bob@mail.test")->phc == "$argon2id$b");
    CHECK(CredentialRepository(transaction).find("dave@mail.test")->phc == "{SSHA}x");
    CHECK(accounts.create(std::vector<NewAccount>{}).empty());
    CHECK(accounts.objection("bob@mail.test", "mail.test") == DirectoryError::exists);
    CHECK(accounts.objection("sales@mail.test", "mail.test") == DirectoryError::exists);
    CHECK(accounts.objection("x@other.test", "other.test") == DirectoryError::noSuchDomain);
    CHECK_FALSE(accounts.objection("x@mail.test", "mail.test"));
  });
}

TEST_CASE("the first mailboxes are as if they had been made one after another", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    std::set<std::uint32_t> validities;
    std::set<ModSeq> modSeqs;
    for (const Mailbox& mailbox : mailboxes.list()) {
      CAPTURE(mailbox.name);
      validities.insert(mailbox.uidValidity);
      modSeqs.insert(mailbox.highestModSeq);
      CHECK(mailbox.subscribed);
      CHECK(mailbox.uidNext == Uid{1});
      CHECK((mailbox.role == Role::inbox) == (mailbox.name == "INBOX"));
    }
    CHECK(validities.size() == 6);
    CHECK(modSeqs == std::set<ModSeq>{ModSeq{2}, ModSeq{3}, ModSeq{4}, ModSeq{5}, ModSeq{6}, ModSeq{7}});
    const auto next = mailboxes.create("next");
    REQUIRE(next);
    CHECK(next->id == MailboxId{7});
    CHECK(next->highestModSeq == ModSeq{8});
    CHECK(next->uidValidity > *validities.rbegin());
  });
}

namespace {

/// Makes the accounts of `names`, eight at a time, in an order of its own; how many of them it made.
int makeAll(test::Session session, std::vector<std::string> names, unsigned seed) {
  std::ranges::shuffle(names, std::mt19937(seed));
  int made = 0;
  for (std::size_t i = 0; i < names.size(); i += 8) {
    std::vector<NewAccount> wishes;
    for (std::size_t j = i; j < i + 8; ++j) wishes.push_back({names[j], "mail.test", "$argon2id$"});
    const auto answers =
        session.run([&](db::Transaction& transaction) { return AccountRepository(transaction).create(wishes); });
    for (const auto& answer : answers) {
      if (answer) {
        ++made;
      } else if (answer.error() != DirectoryError::exists) {
        return -1;
      }
    }
  }
  return made;
}

}  // namespace

TEST_CASE("two who make the same accounts and aliases beside each other make each once", "[store]") {
  test::TestDatabase database;
  database.addAccount("alice");
  std::atomic<int> deadlocks = 0;
  std::vector<std::string> names;
  for (int i = 0; i < 160; ++i) names.push_back("user" + std::to_string(i));
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 1; seed <= 3; ++seed)
      threads.emplace_back(
          [&, seed] { made += makeAll(test::Session(database, "posthouse_accountd", deadlocks), names, seed); });
    test::Session aliases(database, "posthouse_accountd", deadlocks);
    for (const std::string& name : names)
      if (aliases.run([&](db::Transaction& transaction) {
            return AliasRepository(transaction).add(name, "mail.test", {"alice@mail.test"}).has_value();
          }))
        ++made;
  }
  CHECK(made == 160);
  CHECK(deadlocks == 0);
}

TEST_CASE("accounts are listed page by page", "[store]") {
  test::TestDatabase database;
  for (const char* name : {"carol@mail.test", "alice@mail.test", "bob@other.test"}) database.addAccount(name);
  database.transact([](db::Transaction& transaction) {
    AccountRepository accounts(transaction);
    CHECK(accounts.list("", "", 10).size() == 3);
    const auto page = accounts.list("", "alice@mail.test", 1);
    REQUIRE(page.size() == 1);
    CHECK(page[0].address == "bob@other.test");
    CHECK(accounts.list("mail.test", "", 10).size() == 2);
  });
}

TEST_CASE("an account made again under its old address gives no UIDVALIDITY twice", "[store]") {
  test::TestDatabase database;
  const auto greatest = [&](AccountId account) {
    return database.transact([&](db::Transaction& transaction) {
      std::uint32_t greatest = 0;
      for (const Mailbox& mailbox : MailboxRepository(transaction, account).list())
        greatest = std::max(greatest, mailbox.uidValidity);
      return greatest;
    });
  };
  const std::uint32_t before = greatest(database.addAccount("alice"));
  database.transact([](db::Transaction& transaction) { AccountRepository(transaction).remove("alice@mail.test"); });
  const AccountId again = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    CHECK(MailboxRepository(transaction, again).find("INBOX")->uidValidity > before);
  });
}

TEST_CASE("aliases gain and lose members", "[store]") {
  test::TestDatabase database;
  database.addAccount("alice");
  database.transact([](db::Transaction& transaction) {
    AliasRepository aliases(transaction);
    CHECK(aliases.add("alice", "mail.test", {"x@y.test"}).error() == DirectoryError::exists);
    CHECK(aliases.add("sales", "nowhere.test", {"x@y.test"}).error() == DirectoryError::noSuchDomain);
    CHECK(aliases.add("sales", "mail.test", {"bob@mail.test", "alice@mail.test"})->members.size() == 2);
    CHECK(aliases.add("sales", "mail.test", {"alice@mail.test", "carol@x.test"})->members ==
          std::vector<std::string>{"alice@mail.test", "bob@mail.test", "carol@x.test"});
    CHECK(AccountRepository(transaction).create("sales", "mail.test", "").error() == DirectoryError::exists);
    CHECK(aliases.remove("sales@mail.test", {"bob@mail.test"}));
    CHECK(aliases.remove("sales@mail.test", {"bob@mail.test"}).error() == DirectoryError::notFound);
    CHECK(aliases.find("sales@mail.test")->members.size() == 2);
    CHECK(aliases.list("mail.test", "", 10).size() == 1);
    CHECK(aliases.remove("sales@mail.test", {"alice@mail.test", "carol@x.test"}));
    CHECK_FALSE(aliases.find("sales@mail.test"));
    CHECK(aliases.remove("sales@mail.test", {}).error() == DirectoryError::notFound);
  });
}
