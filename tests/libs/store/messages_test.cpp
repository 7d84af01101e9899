#include <catch2/catch.hpp>

#include "db/errors.h"
#include "store/blob_store.h"
#include "store/consistency.h"
#include "store/delivery_repository.h"
#include "store/keyword_repository.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"
#include "store/quota_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;
using WhenBusy = DeliveryRepository::WhenBusy;

namespace {

const std::string kMail = "Subject: hello\r\n\r\nHow are you?\r\n";

Content content(std::string_view octets = kMail) {
  return {octets, 18, "(envelope)", "(structure)"};
}

Uid append(db::Transaction& transaction, AccountId account, Flags flags = {}, MailboxId mailbox = kInbox) {
  return MessageRepository(transaction, account).append(mailbox, content(), flags).value().uid;
}

MailboxId idOf(db::Transaction& transaction, AccountId account, std::string_view name) {
  return MailboxRepository(transaction, account).find(name).value().id;
}

void checkConsistent(test::TestDatabase& database, AccountId account) {
  database.transact([&](db::Transaction& transaction) {
    for (const Inconsistency& found : checkAccount(transaction, account)) FAIL_CHECK(found.what);
  });
}

}  // namespace

TEST_CASE("what is appended is read back with all that is known about it", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    const TimePoint date = std::chrono::sys_days(std::chrono::year(1999) / 12 / 31) + std::chrono::hours(23);
    const Content sent(kMail, 18, "(envelope)", "(structure)", date - std::chrono::hours(1));
    const auto appended = messages.append(kInbox, sent, Flag::seen, date, "Delivered-To: alice\r\n");
    REQUIRE(appended);
    CHECK(appended->uid == Uid{1});

    const auto summaries = messages.summaries(kInbox, UidSet::all());
    REQUIRE(summaries.size() == 1);
    CHECK(summaries[0].internalDate == date);
    CHECK(summaries[0].sentAt == date - std::chrono::hours(1));
    CHECK(summaries[0].size == kMail.size() + 21);
    CHECK(summaries[0].headerSize == 18);
    CHECK(summaries[0].prefix == "Delivered-To: alice\r\n");
    CHECK(summaries[0].envelope == "(envelope)");
    CHECK(summaries[0].bodyStructure == "(structure)");
    CHECK(summaries[0].email == appended->email);

    const std::string whole = "Delivered-To: alice\r\n" + kMail;
    CHECK(messages.read(kInbox, Uid{1}) == whole);
    for (const auto [offset, length] : {std::pair(0, 5), {10, 20}, {21, 7}, {30, 1000}, {0, 21}, {999, 3}, {5, 0}}) {
      CAPTURE(offset, length);
      const auto at = std::min<std::size_t>(static_cast<std::size_t>(offset), whole.size());
      CHECK(messages.read(kInbox, Uid{1}, static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(length)) ==
            whole.substr(at, static_cast<std::size_t>(length)));
    }
    CHECK_FALSE(messages.read(kInbox, Uid{2}));
    CHECK(messages.sizes(kInbox).at(0).size == whole.size());
    CHECK(messages.append(MailboxId{99}, sent).error() == Refusal::noSuchMailbox);
  });
  checkConsistent(database, alice);
}

TEST_CASE("many messages are read at once, small and large", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    const std::string large = kMail + std::string(600'000, 'x');
    messages.append(kInbox, content(), {}, {}, "X: 1\r\n");
    messages.append(kInbox, content(large), {}, {}, "X: 2\r\n");
    messages.append(kInbox, content(), {}, {}, "X: 3\r\n");
    const auto summaries = messages.summaries(kInbox, UidSet::all());
    const auto read = messages.readAll({&summaries[0], &summaries[1], &summaries[2], &summaries[0]});
    CHECK(read == std::vector<std::optional<std::string>>{"X: 1\r\n" + kMail, "X: 2\r\n" + large, "X: 3\r\n" + kMail,
                                                          "X: 1\r\n" + kMail});
    CHECK(messages.readAll({}).empty());
  });
}

TEST_CASE("what messages are made of is told of those that are there, near to each other or far apart", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    const MailboxId elsewhere = idOf(transaction, alice, "Sent");
    std::vector<Uid> uids;
    for (int i = 0; i < 40; ++i) {
      const std::string number = std::to_string(i);
      const std::string mail = "Subject: " + number + "\r\n\r\n";
      const MailboxId where = i < 20 || i % 10 == 0 ? kInbox : elsewhere;
      const auto appended = messages.append(where, content(mail), {}, {}, "X-Number: " + number + "\r\n").value();
      if (where == kInbox) uids.push_back(appended.uid);
    }
    const Uid again = messages.copy(kInbox, UidSet{uids[3]}, kInbox).value().messages.at(0).second;
    messages.expunge(kInbox, UidSet{uids[5]}, MessageRepository::Which::all);
    UidSet farApart{uids[1], uids[19], uids[20], uids[21]};
    const UidSet sets[] = {UidSet::all(), farApart, UidSet{uids[5]}, UidSet{uids[3], again}};
    for (const UidSet& set : sets) {
      const std::vector<MessageState> states = messages.view(kInbox)->messages;
      std::vector<Uid> wanted, found;
      for (const MessageState& state : states)
        if (set.contains(state.uid)) wanted.push_back(state.uid);
      for (const MessageReference& reference : messages.references(kInbox, set)) {
        found.push_back(reference.uid);
        CHECK(reference.prefix + BlobStore(transaction).read(reference.blob).value() ==
              messages.read(kInbox, reference.uid));
      }
      CHECK(found == wanted);
    }
    transaction.exec("DELETE FROM posthouse.email WHERE account_id = $1", alice);
    CHECK(messages.references(kInbox, UidSet::all()).empty());
  });
}

TEST_CASE("flags are added, removed and replaced", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    for (int i = 0; i < 3; ++i) append(transaction, alice);
    const auto dictionary = KeywordRepository(transaction, alice).ensure(std::vector<std::string>{"Work", "$Later"});
    const Flags work(0, *dictionary->mask("work"));

    const auto added = messages.storeFlags(kInbox, {Uid{1}, Uid{3}, Uid{9}}, FlagChange::add, Flags(Flag::seen) | work);
    CHECK(added.changed == UidSet{Uid{1}, Uid{3}});
    const auto again = messages.storeFlags(kInbox, {Uid{1}}, FlagChange::add, Flag::seen);
    CHECK(again.changed.empty());
    CHECK(again.modSeq == ModSeq{0});
    messages.storeFlags(kInbox, {Uid{1}}, FlagChange::replace, Flag::deleted);
    messages.storeFlags(kInbox, {Uid{3}}, FlagChange::remove, Flag::seen);

    const auto view = messages.view(kInbox);
    REQUIRE(view);
    CHECK(view->messages[0].allFlags() == Flags(Flag::deleted));
    CHECK(view->messages[1].allFlags().empty());
    CHECK(view->messages[2].allFlags() == work);
    CHECK(dictionary->names(view->messages[2].allFlags()) == std::vector<std::string_view>{"Work"});

    const auto mailbox = MailboxRepository(transaction, alice).find(kInbox);
    CHECK(mailbox->unseen == 3);
    CHECK(mailbox->deleted == 1);
    CHECK(mailbox->keywords == work.keywords);
    CHECK(mailbox->highestModSeq == view->highestModSeq);
    CHECK(MailboxRepository(transaction, alice).firstUnseen(kInbox) == Uid{1});
  });
  checkConsistent(database, alice);
}

TEST_CASE("a conditional STORE refuses what changed in between", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    append(transaction, alice);
    append(transaction, alice);
    const ModSeq known = messages.view(kInbox)->highestModSeq;
    messages.storeFlags(kInbox, {Uid{1}}, FlagChange::add, Flag::answered);
    const auto stored = messages.storeFlags(kInbox, UidSet::all(), FlagChange::add, Flag::seen, known);
    CHECK(stored.changed == UidSet{Uid{2}});
    CHECK(stored.refused == UidSet{Uid{1}});
  });
}

TEST_CASE("an account has so many keywords and no more", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < KeywordDictionary::kCapacity; ++i) names.push_back("k" + std::to_string(i));
    KeywordRepository keywords(transaction, alice);
    CHECK(keywords.ensure(names)->size() == KeywordDictionary::kCapacity);
    CHECK(keywords.ensure(std::vector<std::string>{"K7"}));
    CHECK_FALSE(keywords.ensure(std::vector<std::string>{"one more"}));
    const Flags last(0, *keywords.all().mask("k62"));
    const Uid uid = append(transaction, alice, last);
    MessageRepository(transaction, alice).storeFlags(kInbox, {uid}, FlagChange::replace, {});
    CHECK(MessageRepository(transaction, alice).view(kInbox)->messages[0].allFlags().empty());
  });
}

TEST_CASE("who made a copy knows it from the copies of others, and from nothing", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  struct RollBack {};
  Copied never;
  MailboxId archive{};
  const auto aborted = [&](db::Transaction& transaction) {
    archive = idOf(transaction, alice, "Archive");
    append(transaction, alice);
    append(transaction, alice);
    never = MessageRepository(transaction, alice).copy(kInbox, UidSet::all(), archive).value();
    throw RollBack();
  };
  CHECK_THROWS_AS(database.transact(aborted), RollBack);
  database.transact([&](db::Transaction& transaction) {
    append(transaction, alice);
    append(transaction, alice);
  });
  const auto copy = [&] {
    return database.transact([&](db::Transaction& transaction) {
      return MessageRepository(transaction, alice).copy(kInbox, UidSet::all(), archive).value();
    });
  };
  const Copied one = copy();
  const Copied other = copy();
  CHECK(one.messages == never.messages);
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    CHECK(messages.made(archive, never).empty());
    CHECK(messages.made(archive, one) == UidSet{Uid{1}, Uid{2}});
    CHECK(messages.made(archive, other) == UidSet{Uid{3}, Uid{4}});
    messages.storeFlags(archive, {Uid{1}}, FlagChange::add, Flag::seen);
    messages.expunge(archive, {Uid{2}}, MessageRepository::Which::all);
    CHECK(messages.made(archive, one) == UidSet{Uid{1}});
    CHECK(messages.made(kInbox, one).empty());
    CHECK(messages.made(archive, Copied()).empty());
  });
}

TEST_CASE("copies keep flags and date, moves leave nothing behind", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    const MailboxId archive = idOf(transaction, alice, "Archive");
    append(transaction, alice, Flag::seen);
    append(transaction, alice, Flag::flagged);
    append(transaction, alice);

    const auto copied = messages.copy(kInbox, {Uid{1}, Uid{3}, Uid{7}}, archive);
    REQUIRE(copied);
    CHECK(copied->messages == std::vector<std::pair<Uid, Uid>>{{Uid{1}, Uid{1}}, {Uid{3}, Uid{2}}});
    CHECK(copied->uidValidity == MailboxRepository(transaction, alice).find(archive)->uidValidity);
    CHECK(messages.view(archive)->messages[0].allFlags() == Flags(Flag::seen));
    CHECK(messages.read(archive, Uid{2}) == kMail);
    CHECK(messages.copy(kInbox, {Uid{1}}, MailboxId{99}).error() == Refusal::noSuchMailbox);
    CHECK(messages.copy(kInbox, {Uid{50}}, archive)->messages.empty());

    const auto moved = messages.move(kInbox, {Uid{2}, Uid{3}}, archive);
    REQUIRE(moved);
    CHECK(moved->messages == std::vector<std::pair<Uid, Uid>>{{Uid{2}, Uid{3}}, {Uid{3}, Uid{4}}});
    CHECK(messages.view(kInbox)->messages.size() == 1);
    CHECK(messages.view(archive)->messages.size() == 4);

    const auto within = messages.move(archive, {Uid{1}}, archive);
    CHECK(within->messages == std::vector<std::pair<Uid, Uid>>{{Uid{1}, Uid{5}}});
  });
  checkConsistent(database, alice);
}

TEST_CASE("EXPUNGE takes the deleted of the set, POP3 all of it", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    for (int i = 0; i < 5; ++i) append(transaction, alice, i % 2 == 0 ? Flags(Flag::deleted) : Flags());
    CHECK(messages.expunge(kInbox, {Uid{1}, Uid{2}}).uids == UidSet{Uid{1}});
    CHECK(messages.expunge(kInbox, {Uid{2}}).modSeq == ModSeq{0});
    CHECK(messages.expunge(kInbox, {Uid{2}, Uid{4}}, MessageRepository::Which::all).uids == UidSet{Uid{2}, Uid{4}});
    CHECK(messages.expunge(kInbox, UidSet::all()).uids == UidSet{Uid{3}, Uid{5}});
    CHECK(QuotaRepository(transaction).get(alice)->usedBytes == 0);
    CHECK(append(transaction, alice) == Uid{6});
  });
  checkConsistent(database, alice);
}

TEST_CASE("nothing is stored beyond the quota", "[store]") {
  test::TestDatabase database;
  const auto size = static_cast<std::int64_t>(kMail.size());
  const AccountId alice = database.addAccount("alice", "", 2 * size);
  database.transact([&](db::Transaction& transaction) {
    MessageRepository messages(transaction, alice);
    const MailboxId archive = idOf(transaction, alice, "Archive");
    append(transaction, alice);
    append(transaction, alice);
    CHECK(messages.append(kInbox, content()).error() == Refusal::overQuota);
    CHECK(messages.copy(kInbox, {Uid{1}}, archive).error() == Refusal::overQuota);
    CHECK(messages.move(kInbox, {Uid{1}}, archive));
    CHECK(QuotaRepository(transaction).get(alice)->usedBytes == 2 * size);

    QuotaRepository(transaction).set(alice, 0, 3);
    CHECK(messages.append(kInbox, content()));
    CHECK(messages.append(kInbox, content()).error() == Refusal::overQuota);
  });
  checkConsistent(database, alice);
}

TEST_CASE("one message goes to many accounts, each with its own answer", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  const AccountId bob = database.addAccount("bob", "", 10);
  const auto answers = database.transact([&](db::Transaction& transaction) {
    const std::vector<Delivery> deliveries = {
        {.account = bob},
        {.account = alice, .prefix = "Delivered-To: alice\r\n", .flags = Flag::flagged},
        {.account = AccountId{4711}},
        {.account = alice, .mailbox = MailboxId{99}},
        {.account = alice},
    };
    return DeliveryRepository(transaction).deliver(content(), deliveries, WhenBusy::report);
  });
  REQUIRE(answers.size() == 5);
  CHECK(answers[0].status == DeliveryStatus::overQuota);
  CHECK(answers[1].status == DeliveryStatus::stored);
  CHECK(answers[1].uid == Uid{1});
  CHECK(answers[2].status == DeliveryStatus::noSuchAccount);
  CHECK(answers[3].status == DeliveryStatus::noSuchMailbox);
  CHECK(answers[4].uid == Uid{2});
  database.transact([&](db::Transaction& transaction) {
    CHECK(MessageRepository(transaction, alice).read(kInbox, Uid{1}) == "Delivered-To: alice\r\n" + kMail);
    CHECK(MessageRepository(transaction, alice).read(kInbox, Uid{2}) == kMail);
  });
  checkConsistent(database, alice);
  checkConsistent(database, bob);
}

TEST_CASE("a delivery key that was seen stores nothing", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  const AccountId bob = database.addAccount("bob");
  const auto deliver = [&](const Delivery& delivery) {
    return database.transact([&](db::Transaction& transaction) {
      return DeliveryRepository(transaction).deliver(content(), {&delivery, 1}, WhenBusy::wait).front();
    });
  };
  const Delivery first{.account = alice, .queueKey = "Q1\nalice@mail.test", .retryKey = std::string("\0\1", 2)};
  CHECK(deliver(first).status == DeliveryStatus::stored);
  CHECK(deliver(first).status == DeliveryStatus::repeated);
  CHECK(deliver(first).uid == Uid{1});
  CHECK(deliver({.account = alice, .queueKey = "Q2\nalice@mail.test", .retryKey = first.retryKey}).status ==
        DeliveryStatus::repeated);
  CHECK(deliver({.account = alice, .queueKey = first.queueKey}).status == DeliveryStatus::repeated);
  CHECK(deliver({.account = bob, .queueKey = first.queueKey}).status == DeliveryStatus::stored);
  CHECK(deliver({.account = alice}).status == DeliveryStatus::stored);
  CHECK(deliver({.account = alice}).status == DeliveryStatus::stored);

  database.transact([&](db::Transaction& transaction) {
    const std::vector<DeliveryKey> keys = {{alice, first.retryKey}, {alice, first.queueKey}};
    DeliveryRepository(transaction).deleteRetryKeys(keys);
  });
  CHECK(deliver({.account = alice, .retryKey = first.retryKey}).status == DeliveryStatus::stored);
  CHECK(deliver({.account = alice, .queueKey = first.queueKey}).status == DeliveryStatus::repeated);
  checkConsistent(database, alice);
}

TEST_CASE("other octets under a queue id that two processes minted are another mail", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  const Delivery delivery{.account = alice, .queueKey = "Q1\nalice@mail.test"};
  const Content other("Subject: another\r\n\r\nAnother.\r\n", 20, "", "");
  const auto statuses = database.transact([&](db::Transaction& transaction) {
    const Content first = content();
    const std::vector<Parcel> parcels = {{&first, &delivery}, {&other, &delivery}, {&first, &delivery}};
    return DeliveryRepository(transaction).deliver(parcels, WhenBusy::wait);
  });
  CHECK(statuses[0].status == DeliveryStatus::stored);
  CHECK(statuses[1].status == DeliveryStatus::stored);
  CHECK(statuses[2].status == DeliveryStatus::repeated);
  checkConsistent(database, alice);
}

TEST_CASE("an account that somebody writes to is reported busy, and waited for if asked", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  const AccountId bob = database.addAccount("bob");
  db::Connection other(database.url(), "other");
  other.script("BEGIN; SELECT 1 FROM posthouse.account_state WHERE account_id = " +
               std::to_string(static_cast<std::int64_t>(alice)) + " FOR NO KEY UPDATE");
  const std::vector<Delivery> deliveries = {{.account = alice}, {.account = bob}};
  database.transact([&](db::Transaction& transaction) {
    const auto answers = DeliveryRepository(transaction).deliver(content(), deliveries, WhenBusy::report);
    CHECK(answers[0].status == DeliveryStatus::busy);
    CHECK(answers[1].status == DeliveryStatus::stored);
  });
  CHECK_THROWS_AS(database.transact([&](db::Transaction& transaction) {
    return DeliveryRepository(transaction).deliver(content(), deliveries, WhenBusy::wait);
  }),
                  db::Busy);
  other.rollback();
  checkConsistent(database, alice);
  checkConsistent(database, bob);
}
