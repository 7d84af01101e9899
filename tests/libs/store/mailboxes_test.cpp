#include <catch2/catch.hpp>
#include <set>

#include "store/consistency.h"
#include "store/keyword_repository.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;

namespace {

std::vector<std::string> names(MailboxRepository& mailboxes) {
  std::vector<std::string> names;
  for (const Mailbox& mailbox : mailboxes.list()) names.push_back(mailbox.name);
  return names;
}

Uid append(db::Transaction& transaction, AccountId account, MailboxId mailbox = kInbox) {
  const Content content("Subject: x\r\n\r\n", 14, "", "");
  return MessageRepository(transaction, account).append(mailbox, content).value().uid;
}

/// As many messages as `doublings` make of one, in a mailbox.
void fill(db::Transaction& transaction, AccountId account, MailboxId mailbox, int doublings) {
  append(transaction, account, mailbox);
  for (int i = 0; i < doublings; ++i) {
    REQUIRE(MessageRepository(transaction, account).copy(mailbox, UidSet::all(), mailbox));
  }
}

}  // namespace

TEST_CASE("a new account has its mailboxes with their roles, subscribed", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    CHECK(names(mailboxes) == std::vector<std::string>{"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"});
    for (const Mailbox& mailbox : mailboxes.list()) CHECK(mailbox.subscribed);
    CHECK(specialUse(mailboxes.find("Sent")->role) == "\\Sent");
    CHECK(mailboxes.find("iNbOx")->role == Role::inbox);
    CHECK_FALSE(mailboxes.find("sent"));
  });
}

TEST_CASE("CREATE makes the levels above, and knows what cannot be a name", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    const auto made = mailboxes.create("Projects/Mail/2026/");
    REQUIRE(made);
    CHECK(made->name == "Projects/Mail/2026");
    CHECK(made->uidNext == Uid{1});
    CHECK(mailboxes.find("Projects")->hasChildren);
    CHECK_FALSE(mailboxes.find("Projects")->subscribed);
    CHECK(mailboxes.create("Projects/Mail").error() == MailboxError::exists);
    CHECK(mailboxes.create("inbox/below")->name == "INBOX/below");
    CHECK(mailboxes.create("Inbox").error() == MailboxError::exists);
    CHECK(mailboxes
              .create("Gr\xc3\xb6\xc3\x9f"
                      "e")
              ->name ==
          "Gr\xc3\xb6\xc3\x9f"
          "e");
    for (const std::string& bad :
         {std::string(), std::string("/"), std::string("/x"), std::string("a//b"), std::string("a\r\nb"),
          std::string(2000, 'x'), std::string("a") + std::string(100, '/') + "b"}) {
      CAPTURE(bad);
      CHECK(mailboxes.create(bad).error() == MailboxError::badName);
    }
    std::string deep = "d";
    for (std::size_t i = 0; i < MailboxRepository::kMaxDepth; ++i) deep += "/d";
    CHECK(mailboxes.create(deep).error() == MailboxError::badName);
  });
}

TEST_CASE("RENAME takes along what is below, and its subscriptions", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    const MailboxId leaf = mailboxes.create("a/b/c")->id;
    append(transaction, alice, leaf);
    CHECK(mailboxes.subscribe("a/b/c"));
    CHECK(mailboxes.subscribe("a/bb"));
    CHECK(mailboxes.rename("a/b", "x/y"));
    CHECK(mailboxes.find("x/y/c")->id == leaf);
    CHECK(mailboxes.find("x/y/c")->subscribed);
    CHECK(mailboxes.find("x/y/c")->messages == 1);
    CHECK(mailboxes.find("a"));
    CHECK_FALSE(mailboxes.find("a/b"));
    const auto subscriptions = mailboxes.subscriptions();
    CHECK(std::ranges::count(subscriptions, "a/bb") == 1);
    CHECK(std::ranges::count(subscriptions, "a/b/c") == 0);

    CHECK(mailboxes.rename("a/b", "z").error() == MailboxError::noSuchMailbox);
    CHECK(mailboxes.rename("x", "Sent").error() == MailboxError::exists);
    CHECK(mailboxes.rename("x", "x/y/z").error() == MailboxError::badName);
    CHECK(mailboxes.rename("x", "").error() == MailboxError::badName);
    CHECK(mailboxes.rename("x/y/c", "c"));
    CHECK(mailboxes.find("c")->id == leaf);
  });
}

TEST_CASE("RENAME of INBOX moves its messages, and INBOX stays", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    append(transaction, alice);
    append(transaction, alice);
    CHECK(mailboxes.rename("INBOX", "old/mail"));
    CHECK(mailboxes.find("INBOX")->messages == 0);
    CHECK(mailboxes.find("old/mail")->messages == 2);
    CHECK(mailboxes.find("INBOX")->uidNext == Uid{3});
    CHECK(checkAccount(transaction, alice).empty());
  });
}

TEST_CASE("DELETE removes a mailbox with its mail, and its name never gets its UIDVALIDITY again", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 4; ++i) {
      const Mailbox made = mailboxes.create("again").value();
      CHECK(seen.insert(made.uidValidity).second);
      append(transaction, alice, made.id);
      CHECK(mailboxes.remove("again"));
    }
    CHECK(mailboxes.rename("Drafts", "again"));
    CHECK(seen.insert(mailboxes.find("again")->uidValidity).second);

    CHECK(mailboxes.create("up/down"));
    CHECK(mailboxes.remove("up").error() == MailboxError::hasChildren);
    CHECK(mailboxes.remove("inbox").error() == MailboxError::inboxStays);
    CHECK(mailboxes.remove("nothing").error() == MailboxError::noSuchMailbox);
    CHECK(checkAccount(transaction, alice).empty());
  });
}

TEST_CASE("DELETE of a large mailbox goes on where it was cut off", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    const MailboxId large = mailboxes.create("large")->id;
    fill(transaction, alice, large, 12);
    const auto first = mailboxes.remove("large").value();
    CHECK(first.mailbox == large);
    CHECK(first.messages == kSlice);
    CHECK_FALSE(first.isLast);
    CHECK(mailboxes.find("large")->messages == 4096 - kSlice);
    CHECK(checkAccount(transaction, alice).empty());

    append(transaction, alice, large);
    const auto anew = mailboxes.remove("large").value();
    CHECK_FALSE(anew.isLast);
    const auto last = mailboxes.remove("large", anew).value();
    CHECK(last.messages == 97);
    CHECK(last.isLast);
    CHECK(last.modSeq > anew.modSeq);
    CHECK_FALSE(mailboxes.find("large"));
    CHECK(checkAccount(transaction, alice).empty());
  });
}

TEST_CASE("DELETE leaves a mailbox alone that took the name meanwhile", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    fill(transaction, alice, mailboxes.create("large")->id, 12);
    const auto first = mailboxes.remove("large").value();
    CHECK(mailboxes.rename("large", "kept"));
    CHECK(mailboxes.remove("large", first).error() == MailboxError::noSuchMailbox);
    REQUIRE(mailboxes.create("large"));
    CHECK(mailboxes.remove("large", first).error() == MailboxError::noSuchMailbox);
    CHECK(mailboxes.find("large"));
    CHECK(mailboxes.find("kept")->messages == 4096 - kSlice);
  });
}

TEST_CASE("RENAME of a large INBOX goes on where it was cut off", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    fill(transaction, alice, kInbox, 12);
    const auto first = mailboxes.rename("INBOX", "old/mail").value();
    CHECK(first.messages == kSlice);
    CHECK_FALSE(first.isLast);
    CHECK(mailboxes.find("old/mail")->messages == kSlice);
    CHECK(mailboxes.find("INBOX")->messages == 4096 - kSlice);

    append(transaction, alice);
    const auto anew = mailboxes.rename("INBOX", "old/mail").value();
    CHECK_FALSE(anew.isLast);
    const auto last = mailboxes.rename("INBOX", "old/mail", anew).value();
    CHECK(last.isLast);
    CHECK(last.mailbox == mailboxes.find("old/mail")->id);
    CHECK(mailboxes.find("INBOX")->messages == 0);
    CHECK(mailboxes.find("old/mail")->messages == 4097);
    CHECK(checkAccount(transaction, alice).empty());
    CHECK(mailboxes.rename("INBOX", "old/mail").error() == MailboxError::exists);
    CHECK(mailboxes.rename("INBOX", "old").error() == MailboxError::exists);
  });
}

TEST_CASE("RENAME of INBOX ends although mail keeps coming, or its target goes", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    fill(transaction, alice, kInbox, 12);
    const auto first = mailboxes.rename("INBOX", "old").value();
    CHECK(first.inboxEnd == Uid{4097});
    REQUIRE(MessageRepository(transaction, alice).copy(kInbox, UidSet::all(), kInbox));  // 2096 more
    const auto second = mailboxes.rename("INBOX", "old", first).value();
    CHECK_FALSE(second.isLast);
    const auto third = mailboxes.rename("INBOX", "old", second).value();
    CHECK(third.isLast);
    CHECK(mailboxes.find("INBOX")->messages == 4096 + 2096 - 3 * kSlice);

    const auto again = mailboxes.rename("INBOX", "older").value();
    CHECK(again.isLast);
    CHECK(mailboxes.rename("old", "moved"));
    CHECK(mailboxes.rename("INBOX", "old", second).error() == MailboxError::noSuchMailbox);
    CHECK(checkAccount(transaction, alice).empty());
  });
}

TEST_CASE("names may be subscribed to without being there", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    CHECK(mailboxes.subscribe("later"));
    CHECK(mailboxes.subscribe("later"));
    CHECK(std::ranges::count(mailboxes.subscriptions(), "later") == 1);
    CHECK(mailboxes.create("later")->subscribed);
    CHECK(mailboxes.remove("later"));
    CHECK(std::ranges::count(mailboxes.subscriptions(), "later") == 1);
    mailboxes.unsubscribe("later");
    mailboxes.unsubscribe("Inbox");
    CHECK_FALSE(mailboxes.find("INBOX")->subscribed);
    CHECK(mailboxes.subscribe("a//b").error() == MailboxError::badName);
  });
}

TEST_CASE("a session that has not seen the newest message leaves it recent", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    append(transaction, alice);
    append(transaction, alice);
    CHECK(mailboxes.takeRecent(kInbox, Uid{2}) == Uid{1});
    CHECK(mailboxes.takeRecent(kInbox, Uid{2}) == Uid{2});
    CHECK(mailboxes.takeRecent(kInbox, Uid{3}) == Uid{2});
    CHECK(mailboxes.takeRecent(MailboxId{99}, Uid{3}) == Uid{3});
  });
}

TEST_CASE("a mailbox is opened with the names of its keywords", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    CHECK(mailboxes.open("inbox")->dictionary.size() == 0);
    REQUIRE(KeywordRepository(transaction, alice).ensure(std::vector<std::string>{"Work", "$Later"}));
    REQUIRE(mailboxes.create("Lists/C++"));
    const auto opened = mailboxes.open("Lists/C++");
    REQUIRE(opened);
    CHECK(opened->id == mailboxes.find("Lists/C++")->id);
    CHECK(opened->uidValidity == mailboxes.find("Lists/C++")->uidValidity);
    CHECK(opened->dictionary.size() == 2);
    CHECK(opened->dictionary.name(1) == "$Later");
    CHECK_FALSE(mailboxes.open("Lists/Rust"));
    CHECK_FALSE(mailboxes.open("a//b"));
  });
}

TEST_CASE("recent messages are given to one session", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    CHECK(mailboxes.takeRecent(kInbox, mailboxes.find(kInbox)->uidNext) == Uid{1});
    append(transaction, alice);
    append(transaction, alice);
    CHECK(mailboxes.find(kInbox)->recent() == 2);
    CHECK(mailboxes.takeRecent(kInbox, mailboxes.find(kInbox)->uidNext) == Uid{1});
    CHECK(mailboxes.takeRecent(kInbox, mailboxes.find(kInbox)->uidNext) == Uid{3});
    CHECK(mailboxes.find(kInbox)->recent() == 0);
    append(transaction, alice);
    CHECK(mailboxes.takeRecent(kInbox, mailboxes.find(kInbox)->uidNext) == Uid{3});
  });
}

TEST_CASE("an account has so many mailboxes and subscriptions and no more", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MailboxRepository mailboxes(transaction, alice);
    transaction.exec(
        "INSERT INTO posthouse.subscription (account_id, name) SELECT $1, 's' || n FROM generate_series(1, 20000) n",
        alice);
    CHECK(mailboxes.subscribe("one more").error() == MailboxError::tooManySubscriptions);
    mailboxes.unsubscribe("Archive");
    REQUIRE(mailboxes.create("x"));
    transaction.exec(R"sql(
      INSERT INTO posthouse.mailbox (account_id, mailbox_id, parent_id, name, uidvalidity)
        SELECT $1, 1000 + n, 0, 'm' || n, 1 FROM generate_series(1, 9990) n)sql",
                     alice);
    CHECK(mailboxes.create("a/b/c/d").error() == MailboxError::tooManyMailboxes);
    CHECK(mailboxes.rename("x", "a/b/c/d"));  // itself and three parents: the last that are allowed
    CHECK(mailboxes.create("z").error() == MailboxError::tooManyMailboxes);
    CHECK(mailboxes.rename("a/b/c/d", "p/q").error() == MailboxError::tooManyMailboxes);
    CHECK(mailboxes.rename("a/b/c/d", "a/x"));  // one for one
  });
}
