// Nothing goes that somebody needs, and what nobody needs goes.
#include <catch2/catch.hpp>

#include "store/account_repository.h"
#include "store/collector.h"
#include "store/consistency.h"
#include "store/delivery_repository.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"
#include "store/queue_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;
using namespace std::chrono_literals;

namespace {

const std::string kMail = "Subject: x\r\n\r\nbody\r\n";
const std::string kLarge = kMail + std::string(600'000, 'x');

/// A database with alice and bob, and a collector without patience.
struct House {
  test::TestDatabase database;
  AccountId alice = database.addAccount("alice");
  AccountId bob = database.addAccount("bob");

  void deliver(AccountId account, const std::string& octets, std::string queueKey = {}, std::string retryKey = {}) {
    const Delivery delivery{.account = account, .queueKey = std::move(queueKey), .retryKey = std::move(retryKey)};
    database.transact([&](db::Transaction& transaction) {
      const auto answers =
          DeliveryRepository(transaction)
              .deliver(Content(octets, 14, "", ""), {&delivery, 1}, DeliveryRepository::WhenBusy::wait);
      REQUIRE(answers[0].status == DeliveryStatus::stored);
    });
  }
  void expunge(AccountId account, MailboxId mailbox, const UidSet& uids) {
    database.transact([&](db::Transaction& transaction) {
      REQUIRE_FALSE(
          MessageRepository(transaction, account).expunge(mailbox, uids, MessageRepository::Which::all).uids.empty());
    });
  }
  std::int64_t collectEmails(int most = 1000) {
    std::int64_t removed = 0;
    AccountId after{0};
    while (const auto done = database.transact(
               [&](db::Transaction& transaction) { return Collector(transaction).collectEmails(after, most); })) {
      removed += done->removed;
      after = done->account;
    }
    return removed;
  }
  std::int64_t collectBlobs(std::chrono::milliseconds grace = 0ms) {
    return database
        .transact([&](db::Transaction& transaction) { return Collector(transaction).collectBlobs(grace, 1000); })
        .removed;
  }
  /// A whole lap.
  std::int64_t sweep() {
    std::int64_t found = 0;
    for (;;) {
      const auto done =
          database.transact([&](db::Transaction& transaction) { return Collector(transaction).sweepBlobs(0ms, 2); });
      found += done.found;
      if (done.lookedAt == 0) return found;
    }
  }
  std::int64_t count(std::string_view table) {
    return database.transact([&](db::Transaction& transaction) {
      return transaction.exec1("SELECT count(*) FROM posthouse." + std::string(table))[0].get<std::int64_t>(0);
    });
  }
  void check(AccountId account) {
    database.transact([&](db::Transaction& transaction) {
      for (const Inconsistency& found : checkAccount(transaction, account)) FAIL_CHECK(found.what);
    });
  }
};

}  // namespace

TEST_CASE("an email goes with its last message, and its body after the grace", "[store]") {
  House house;
  house.deliver(house.alice, kLarge);
  house.database.transact([&](db::Transaction& transaction) {
    CHECK(MessageRepository(transaction, house.alice).copy(kInbox, {Uid{1}}, MailboxId{2}));
  });
  house.expunge(house.alice, kInbox, {Uid{1}});
  CHECK(house.collectEmails() == 0);
  CHECK(house.count("account_work") == 0);
  CHECK(house.collectBlobs() == 0);

  house.expunge(house.alice, MailboxId{2}, {Uid{1}});
  CHECK(house.collectEmails() == 1);
  CHECK(house.count("email") == 0);
  CHECK(house.collectBlobs(1h) == 0);
  CHECK(house.count("blob") == 1);
  CHECK(house.collectBlobs() == 1);
  for (const char* table : {"blob", "blob_chunk", "blob_ref", "blob_gc", "account_work"}) {
    CAPTURE(table);
    CHECK(house.count(table) == 0);
  }
  house.deliver(house.alice, kLarge);
  house.database.transact([&](db::Transaction& transaction) {
    CHECK(MessageRepository(transaction, house.alice).read(kInbox, Uid{2}) == kLarge);
  });
  house.check(house.alice);
}

TEST_CASE("a body stays while anybody holds it", "[store]") {
  House house;
  house.deliver(house.alice, kMail);
  house.deliver(house.bob, kMail);
  const QueuedMessage message{.id = QueueId{7}, .sender = "", .envelopeId = "", .createdAt = {}, .expiresAt = {}};
  const std::vector<QueuedRecipient> recipients = {
      {.address = "a@x.example", .originalRecipient = "", .destination = "x.example", .nextAt = {}}};
  house.database.transact([&](db::Transaction& transaction) {
    QueueRepository(transaction).enqueue(message, recipients, Content(kMail, 14, "", ""));
  });

  house.expunge(house.alice, kInbox, {Uid{1}});
  CHECK(house.collectEmails() == 1);
  CHECK(house.collectBlobs() == 0);
  house.database.transact([&](db::Transaction& transaction) {
    CHECK(MessageRepository(transaction, house.bob).read(kInbox, Uid{1}) == kMail);
    QueueRepository queue(transaction);
    const auto claims = queue.claim(60s, 1);
    CHECK(queue.load(claims.at(0)) == kMail);
    CHECK(queue.finish(claims) == 1);
  });
  CHECK(house.collectBlobs() == 0);
  house.database.transact(
      [&](db::Transaction& transaction) { CHECK(AccountRepository(transaction).remove("bob@mail.test")); });
  CHECK(house.collectEmails() == 1);
  CHECK(house.collectBlobs() == 1);
  CHECK(house.count("blob") == 0);
  CHECK(house.count("account_work") == 0);
}

TEST_CASE("many emails are collected in small pieces", "[store]") {
  House house;
  for (int i = 0; i < 7; ++i) house.deliver(house.alice, kMail + std::to_string(i));
  house.expunge(house.alice, kInbox, UidSet::range(Uid{1}, Uid{4}));
  house.expunge(house.alice, kInbox, UidSet::range(Uid{5}, Uid{6}));
  CHECK(house.collectEmails(3) == 3);
  CHECK(house.collectEmails(3) == 3);
  CHECK(house.collectEmails(3) == 0);
  CHECK(house.count("email") == 1);
  CHECK(house.count("account_work") == 0);
}

TEST_CASE("an account that somebody writes to is collected later", "[store]") {
  House house;
  house.deliver(house.alice, kMail);
  house.expunge(house.alice, kInbox, {Uid{1}});
  db::Connection other(house.database.url(), "other");
  other.script("BEGIN; SELECT 1 FROM posthouse.account_state FOR NO KEY UPDATE");
  CHECK(house.collectEmails() == 0);
  CHECK(house.count("account_work") == 1);
  other.rollback();
  CHECK(house.collectEmails() == 1);
}

TEST_CASE("a body that somebody is about to hold is left alone", "[store]") {
  House house;
  const std::string& octets = GENERATE_REF(as<const std::string>(), kMail, kLarge);
  house.deliver(house.alice, octets);
  house.expunge(house.alice, kInbox, {Uid{1}});
  CHECK(house.collectEmails() == 1);

  db::Connection other(house.database.url(), "other");
  other.script("BEGIN");
  db::Transaction transaction(other);
  const Delivery delivery{.account = house.bob};
  DeliveryRepository(transaction)
      .deliver(Content(octets, 14, "", ""), {&delivery, 1}, DeliveryRepository::WhenBusy::wait);
  CHECK(house.collectBlobs() == 0);
  other.commit();
  CHECK(house.collectBlobs() == 0);
  house.database.transact(
      [&](db::Transaction& reading) { CHECK(MessageRepository(reading, house.bob).read(kInbox, Uid{1}) == octets); });
  house.check(house.bob);
}

TEST_CASE("the sweep finds what was never given up in order", "[store]") {
  House house;
  house.deliver(house.alice, kMail + "1");
  house.deliver(house.alice, kMail + "2");
  house.deliver(house.alice, kMail + "3");
  house.deliver(house.alice, kMail + "4");
  house.deliver(house.alice, kMail + "5");
  house.database.transact([&](db::Transaction& transaction) {
    transaction.script(
        "DELETE FROM posthouse.msg WHERE uid = 1;"  // an email without messages
        "DELETE FROM posthouse.msg WHERE uid = 2;"  // a holder without an email
        "DELETE FROM posthouse.email WHERE email_id = 2;"
        "DELETE FROM posthouse.msg WHERE uid = 3;"  // a body without a holder
        "DELETE FROM posthouse.email WHERE email_id = 3;"
        "DELETE FROM posthouse.blob_ref WHERE item = 3;"
        "INSERT INTO posthouse.blob_ref SELECT blob_id, 'q', 7, 3 FROM posthouse.email WHERE email_id = 4");
  });
  CHECK(house.sweep() == 5);  // the second one counts twice: holder and body
  CHECK(house.collectEmails() == 1);
  CHECK(house.collectBlobs() == 3);
  CHECK(house.sweep() == 0);
  CHECK(house.count("blob") == 2);
  CHECK(house.count("blob_ref") == 2);
  house.database.transact([&](db::Transaction& transaction) {
    CHECK(MessageRepository(transaction, house.alice).read(kInbox, Uid{5}) == kMail + "5");
  });
}

TEST_CASE("a lap over all bodies is taken step by step, by whoever comes, and rests between", "[store]") {
  House house;
  for (int i = 0; i < 5; ++i) house.deliver(house.alice, kMail + std::to_string(i));
  const auto step = [&](std::chrono::milliseconds rest) {
    return house.database.transact(
        [&](db::Transaction& transaction) { return Collector(transaction).sweepBlobs(rest, 3).lookedAt; });
  };
  CHECK(step(1h) == 3);
  db::Connection other(house.database.url(), "other");
  other.script("BEGIN; SELECT 1 FROM posthouse.sweep FOR UPDATE");
  CHECK(step(1h) == 0);
  other.rollback();
  CHECK(step(1h) == 2);
  CHECK(step(0ms) == 0);
  CHECK(step(1h) == 3);
  CHECK(step(1h) == 2);
  CHECK(step(1h) == 0);
  CHECK(step(1h) == 0);
}

TEST_CASE("the old end of the change log goes, and readers who need it are told", "[store]") {
  House house;
  for (int i = 0; i < 4; ++i) house.deliver(house.alice, kMail);
  const auto store = [&](Uid uid) {
    return house.database.transact([&](db::Transaction& transaction) {
      return MessageRepository(transaction, house.alice).storeFlags(kInbox, {uid}, FlagChange::add, Flag::seen).modSeq;
    });
  };
  const auto changes = [&](ModSeq since) {
    return house.database
        .transact([&](db::Transaction& transaction) {
          return MessageRepository(transaction, house.alice).changesSince(kInbox, since);
        })
        .value();
  };
  const auto prune = [&](std::chrono::milliseconds age, int most = 100) {
    return house.database.transact(
        [&](db::Transaction& transaction) { return Collector(transaction).pruneChangeLog(AccountId{0}, age, most); });
  };
  const ModSeq before{static_cast<std::int64_t>(store(Uid{1})) - 1};
  const ModSeq first = store(Uid{2});
  house.expunge(house.alice, kInbox, {Uid{4}});
  const ModSeq last = store(Uid{3});

  CHECK(prune(1h)->pruned == 0);
  CHECK(changes(before).complete);
  CHECK(prune(0ms, 1)->pruned == 1);
  CHECK_FALSE(changes(before).complete);
  CHECK(changes(before).changed.empty());
  CHECK(changes(ModSeq{static_cast<std::int64_t>(before) + 1}).changed.size() == 2);

  // The emails of the expunged are still to be looked after: their row must stay.
  CHECK(prune(0ms)->pruned == 1);
  CHECK(changes(first).vanished == UidSet{Uid{4}});
  CHECK(house.collectEmails() == 1);
  CHECK(prune(0ms)->pruned == 2);
  CHECK_FALSE(changes(first).complete);
  CHECK(changes(last).complete);
  CHECK(changes(last).changed.empty());
  CHECK_FALSE(prune(0ms));
  // In Archive nothing has happened: whoever knows it as it was before all this knows it still.
  house.database.transact([&](db::Transaction& transaction) {
    const auto archive = MailboxRepository(transaction, house.alice).find("Archive").value();
    CHECK(MessageRepository(transaction, house.alice).changesSince(archive.id, archive.highestModSeq)->complete);
  });
  house.check(house.alice);
}

TEST_CASE("the change log of an account that somebody writes to is pruned later", "[store]") {
  House house;
  house.deliver(house.alice, kMail);
  house.expunge(house.alice, kInbox, {Uid{1}});
  CHECK(house.collectEmails() == 1);
  db::Connection other(house.database.url(), "other");
  other.script("BEGIN; SELECT 1 FROM posthouse.account_state FOR NO KEY UPDATE");
  const auto prune = [&] {
    return house.database.transact(
        [&](db::Transaction& transaction) { return Collector(transaction).pruneChangeLog(AccountId{0}, 0ms, 10); });
  };
  CHECK(prune()->account == house.alice);
  CHECK(prune()->pruned == 0);
  other.rollback();
  CHECK(prune()->pruned == 1);
}

TEST_CASE("delivery keys are forgotten when they are past their age, a few pages at a time", "[store]") {
  House house;
  for (int i = 0; i < 30; ++i) {
    // Long keys, so that few fill a page.
    house.deliver(house.alice, kMail, std::to_string(i) + std::string(1000, 'q'),
                  std::to_string(i) + std::string(1000, 'c'));
  }
  house.database.transact([](db::Transaction& transaction) {
    transaction.exec("UPDATE posthouse.delivery_key SET at = at - interval '100 hours' WHERE uid <= 15");
  });
  const auto lap = [&](std::chrono::milliseconds queueAge, std::chrono::milliseconds retryAge) {
    std::int64_t removed = 0;
    for (int steps = 1;; ++steps) {
      const auto done = house.database.transact(
          [&](db::Transaction& transaction) { return Collector(transaction).sweepKeys(queueAge, retryAge, 0ms, 2); });
      removed += done.removed;
      if (!done.isLapOver) continue;
      CHECK(steps > 3);
      return removed;
    }
  };
  CHECK(lap(240h, 240h) == 0);
  CHECK(lap(240h, 24h) == 15);
  CHECK(lap(24h, 24h) == 15);
  CHECK(lap(24h, 24h) == 0);
  CHECK(house.count("delivery_key") == 30);
}
