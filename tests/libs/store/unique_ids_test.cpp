// The unique ids that messages of other servers bring along.
#include <catch2/catch.hpp>

#include "store/account_repository.h"
#include "store/collector.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"
#include "store/unique_id_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;
using namespace std::chrono_literals;
using Fate = UniqueIdFate;

namespace {

struct House {
  test::TestDatabase database;
  AccountId alice = database.addAccount("alice");

  Uid append(MailboxId mailbox = kInbox) {
    return database.transact([&](db::Transaction& transaction) {
      return MessageRepository(transaction, alice).append(mailbox, Content("Subject: x\r\n\r\n", 14, "", ""))->uid;
    });
  }
  Fate keep(Uid uid, const std::string& id, MailboxId mailbox = kInbox) {
    return database.transact([&](db::Transaction& transaction) {
      const UniqueIdRepository::Wish wish{mailbox, {uid, id}};
      return UniqueIdRepository(transaction, alice).keep({&wish, 1}).at(0);
    });
  }
  std::string ids(MailboxId mailbox = kInbox) {
    return database.transact([&](db::Transaction& transaction) {
      std::string text;
      for (const UniqueId& id : UniqueIdRepository(transaction, alice).list(mailbox))
        text += std::to_string(static_cast<std::uint32_t>(id.uid)) + "=" + id.text + " ";
      return text;
    });
  }
  void expunge(Uid uid) {
    database.transact([&](db::Transaction& transaction) {
      MessageRepository(transaction, alice).expunge(kInbox, {uid}, MessageRepository::Which::all);
    });
  }
  Collector::UniqueIds sweep(int pages = 100) {
    return database.transact(
        [&](db::Transaction& transaction) { return Collector(transaction).sweepUniqueIds(0ms, pages); });
  }
  MailboxId sent() {
    return database.transact(
        [&](db::Transaction& transaction) { return MailboxRepository(transaction, alice).find("Sent")->id; });
  }
};

}  // namespace

TEST_CASE("a unique id is one message's of its mailbox", "[store]") {
  House house;
  const Uid first = house.append();
  const Uid second = house.append();
  const MailboxId sent = house.sent();
  const Uid other = house.append(sent);
  CHECK(house.keep(second, "two") == Fate::kept);
  CHECK(house.keep(first, "two") == Fate::taken);
  CHECK(house.keep(first, "one") == Fate::kept);
  CHECK(house.keep(first, "again") == Fate::differs);
  CHECK(house.keep(first, "one") == Fate::kept);
  CHECK(house.keep(Uid{99}, "none") == Fate::gone);
  CHECK(house.keep(other, "two", sent) == Fate::kept);
  CHECK(house.ids() == "1=one 2=two ");
  CHECK(house.ids(sent) == "1=two ");
}

TEST_CASE("what RFC 1939 does not allow is no unique id", "[store]") {
  House house;
  const Uid uid = house.append();
  const auto id = GENERATE(as<std::string>(), "", " ", "a b", "\x7f", "\x1f", "ü", "a\n", std::string("a\0b", 3),
                           std::string(71, 'x'));
  CAPTURE(id);
  CHECK(house.keep(uid, id) == Fate::invalid);
  CHECK(house.ids().empty());
  CHECK(house.keep(uid, std::string(70, '~')) == Fate::kept);
}

TEST_CASE("no message takes an id that another has for want of one", "[store]") {
  House house;
  const Uid uid = house.append();
  const std::string validity = house.database.transact([&](db::Transaction& transaction) {
    return std::to_string(MailboxRepository(transaction, house.alice).find(kInbox)->uidValidity);
  });
  CHECK(house.keep(uid, validity + ".2") == Fate::reserved);
  CHECK(house.keep(uid, validity + ".1") == Fate::kept);  // its own
  CHECK(house.ids().empty());
  CHECK(house.keep(uid, validity + ".") == Fate::kept);
  CHECK(house.keep(house.append(), validity + "1.2") == Fate::kept);
  CHECK(house.keep(house.append(), "x" + validity + ".2") == Fate::kept);
}

TEST_CASE("the id of a message that is gone is free, and goes at the next sweep", "[store]") {
  House house;
  const Uid first = house.append();
  const Uid second = house.append();
  REQUIRE(house.keep(first, "one") == Fate::kept);
  REQUIRE(house.keep(second, "two") == Fate::kept);
  house.expunge(first);
  const Uid third = house.append();
  CHECK(house.keep(third, "one") == Fate::kept);
  CHECK(house.keep(house.append(), "two") == Fate::taken);
  CHECK(house.ids() == "2=two 3=one ");
  CHECK(house.sweep().removed == 0);
  house.expunge(second);
  CHECK(house.ids() == "2=two 3=one ");
  const Collector::UniqueIds swept = house.sweep();
  CHECK(swept.removed == 1);
  CHECK(swept.isLapOver);
  CHECK(house.ids() == "3=one ");
}

TEST_CASE("a sweep goes step by step, and leaves nothing of an account that is gone", "[store]") {
  House house;
  for (int i = 0; i < 400; ++i) house.keep(house.append(), "id" + std::to_string(i) + std::string(60, 'x'));
  house.database.transact(
      [&](db::Transaction& transaction) { AccountRepository(transaction).remove("alice@mail.test"); });
  std::int64_t removed = 0;
  int steps = 1;
  for (auto swept = house.sweep(1);; swept = house.sweep(1), ++steps) {
    removed += swept.removed;
    if (swept.isLapOver) break;
  }
  CHECK(removed == 400);
  CHECK(steps > 1);
}

TEST_CASE("a copy has an id of its own", "[store]") {
  House house;
  const Uid uid = house.append();
  const MailboxId sent = house.sent();
  REQUIRE(house.keep(uid, "one") == Fate::kept);
  house.database.transact([&](db::Transaction& transaction) {
    REQUIRE(MessageRepository(transaction, house.alice).move(kInbox, {uid}, sent));
  });
  CHECK(house.ids(sent).empty());
}
