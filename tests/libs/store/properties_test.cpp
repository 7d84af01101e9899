// What must hold whatever happens at the same time, and in whatever order.
#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <random>
#include <thread>

#include "concurrent.h"
#include "store/consistency.h"
#include "store/delivery_repository.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"

using namespace posthouse;
using namespace posthouse::store;
using test::apply;
using test::Dice;
using test::Model;
using test::modelOf;
using test::Session;

namespace {

const std::string kMail = "Subject: x\r\n\r\nbody\r\n";

/// Follows one mailbox as a client does that polls: asks again and again what has changed since, and complains of what
/// cannot be told to a client any more.
class Follower {
 public:
  Follower(const test::TestDatabase& database, AccountId account, MailboxId mailbox, std::atomic<int>& deadlocks)
      : session_(database, "posthouse_imapd", deadlocks), account_(account), mailbox_(mailbox) {}

  void poll() {
    const auto changes = session_.read([&](db::Transaction& transaction) {
      return MessageRepository(transaction, account_).changesSince(mailbox_, known_).value();
    });
    if (!changes.complete) complain("the log does not reach back");
    if (changes.highestModSeq < known_) complain("the mod-sequence ran backwards");
    for (const MessageState& message : changes.changed) {
      if (message.modSeq <= known_) complain("a change appeared below a mod-sequence that was seen");
      if (message.modSeq > changes.highestModSeq) complain("a change is above the highest mod-sequence");
      if (message.uid >= changes.uidNext) complain("a UID is above the next one");
      if (message.uid <= highest_ && !model_.contains(message.uid)) complain("a UID appeared below one that was seen");
    }
    for (const MessageState& message : changes.changed) highest_ = std::max(highest_, message.uid);
    known_ = changes.highestModSeq;
    apply(model_, changes);
  }

  /// Against the whole mailbox in one snapshot; empty: all is well.
  std::string finish() {
    poll();
    const auto view = session_.read(
        [&](db::Transaction& transaction) { return MessageRepository(transaction, account_).view(mailbox_).value(); });
    if (view.highestModSeq != known_) complain("the last mod-sequence was missed");
    if (modelOf(view) != model_) complain("what was followed is not what is there");
    return complaint_;
  }
  std::size_t messages() const noexcept { return model_.size(); }

 private:
  void complain(std::string_view what) {
    if (complaint_.empty()) complaint_ = what;
  }

  Session session_;
  AccountId account_;
  MailboxId mailbox_;
  ModSeq known_{0};
  Uid highest_{0};
  Model model_;
  std::string complaint_;
};

void checkAll(test::TestDatabase& database, const std::vector<AccountId>& accounts) {
  for (const AccountId account : accounts) {
    database.transact([&](db::Transaction& transaction) {
      for (const Inconsistency& found : checkAccount(transaction, account)) FAIL_CHECK(found.what);
    });
  }
}

}  // namespace

TEST_CASE("no reader sees a UID or a mod-sequence appear late while twenty writers deliver", "[store]") {
  test::TestDatabase database;
  const std::vector<AccountId> accounts = {database.addAccount("alice"), database.addAccount("bob")};
  const std::vector<MailboxId> mailboxes = {kInbox, MailboxId{2}};
  constexpr int kWriters = 20;
  constexpr int kEach = 10;
  std::atomic<int> writing = kWriters;
  std::atomic<int> storedTwice = 0;
  std::atomic<int> deadlocks = 0;

  std::vector<std::jthread> people;
  for (int writer = 0; writer < kWriters; ++writer) {
    people.emplace_back([&, writer] {
      Session session(database, "posthouse_lmtp_delivery", deadlocks);
      for (int i = 0; i < kEach; ++i) {
        const std::string octets = kMail + std::to_string(i);  // many store the same body at once
        const std::string key = std::to_string(writer) + "." + std::to_string(i);
        const std::vector<Delivery> deliveries = {
            {.account = accounts[0], .mailbox = mailboxes[static_cast<std::size_t>(i) % 2], .queueKey = key},
            {.account = accounts[1], .queueKey = key}};
        const auto deliver = [&](db::Transaction& transaction) {
          return DeliveryRepository(transaction)
              .deliver(Content(octets, 14, "", ""), deliveries, DeliveryRepository::WhenBusy::wait);
        };
        session.run(deliver);
        for (const Delivered& again : session.run(deliver)) {
          if (again.status != DeliveryStatus::repeated) ++storedTwice;
        }
      }
      --writing;
    });
  }
  std::deque<Follower> followers;
  followers.emplace_back(database, accounts[0], mailboxes[0], deadlocks);
  followers.emplace_back(database, accounts[0], mailboxes[1], deadlocks);
  followers.emplace_back(database, accounts[1], mailboxes[0], deadlocks);
  for (Follower& follower : followers) {
    people.emplace_back([&] {
      while (writing > 0) follower.poll();
    });
  }
  people.clear();  // joins
  CHECK(storedTwice == 0);
  CHECK(deadlocks == 0);
  for (Follower& follower : followers) CHECK(follower.finish().empty());
  CHECK(followers[0].messages() + followers[1].messages() == kWriters * kEach);
  CHECK(followers[2].messages() == kWriters * kEach);
  checkAll(database, accounts);
}

TEST_CASE("changes since any moment lead from what was to what is", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  std::atomic<int> deadlocks = 0;
  Session session(database, "posthouse_imapd", deadlocks);
  std::mt19937 random(GENERATE(1U, 2U, 3U));
  const auto upTo = [&random](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n)(random); };
  const std::vector<MailboxId> mailboxes = {kInbox, MailboxId{2}, MailboxId{3}};
  const auto anyMailbox = [&] { return mailboxes[upTo(2)]; };
  const auto anyUids = [&] {
    UidSet set;
    for (unsigned i = 0; i <= upTo(3); ++i) {
      const unsigned first = 1 + upTo(40);
      set.add(Uid{first}, Uid{first + upTo(5)});
    }
    return set;
  };
  const auto anyFlags = [&] { return Flags(upTo(31), upTo(7)); };

  struct Snapshot {
    ModSeq modSeq;
    Model model;
  };
  std::map<MailboxId, std::vector<Snapshot>> history;

  for (int step = 0; step < 250; ++step) {
    session.run([&](db::Transaction& transaction) {
      MessageRepository messages(transaction, alice);
      switch (upTo(6)) {
        case 0:
        case 1:
          (void)messages.append(anyMailbox(), Content(kMail, 14, "", ""), anyFlags()).value();
          break;
        case 2:
          messages.storeFlags(anyMailbox(), anyUids(), FlagChange::add, anyFlags());
          break;
        case 3:
          messages.storeFlags(anyMailbox(), anyUids(), upTo(1) ? FlagChange::remove : FlagChange::replace, anyFlags());
          break;
        case 4:
          (void)messages.copy(anyMailbox(), anyUids(), anyMailbox()).value();
          break;
        case 5:
          (void)messages.move(anyMailbox(), anyUids(), anyMailbox()).value();
          break;
        case 6:
          messages.expunge(anyMailbox(), anyUids(),
                           upTo(1) ? MessageRepository::Which::all : MessageRepository::Which::deleted);
          break;
      }
      return 0;
    });
    const MailboxId mailbox = anyMailbox();
    session.read([&](db::Transaction& transaction) {
      MessageRepository messages(transaction, alice);
      const MailboxView view = messages.view(mailbox).value();
      const Model now = modelOf(view);
      auto& snapshots = history[mailbox];
      if (!snapshots.empty()) {
        const Snapshot& before = snapshots[upTo(static_cast<unsigned>(snapshots.size()) - 1)];
        Model followed = before.model;
        const Changes changes = messages.changesSince(mailbox, before.modSeq).value();
        apply(followed, changes);
        REQUIRE(changes.complete);
        REQUIRE(changes.highestModSeq == view.highestModSeq);
        REQUIRE(followed == now);
      }
      snapshots.push_back({view.highestModSeq, now});
      return 0;
    });
  }
  database.transact([&](db::Transaction& transaction) {
    for (const Inconsistency& found : checkAccount(transaction, alice)) FAIL_CHECK(found.what);
    const auto mailboxRows = MailboxRepository(transaction, alice).list();
    for (const Mailbox& mailbox : mailboxRows) {
      if (mailbox.messages > 0) CHECK(mailbox.keywords != 0);
    }
  });
}

TEST_CASE("counters equal counts after everybody has done everything at once", "[store]") {
  test::TestDatabase database;
  const unsigned seed = GENERATE(take(2, random(1U, 1'000'000U)));
  CAPTURE(seed);
  const std::vector<AccountId> accounts = {database.addAccount("alice"), database.addAccount("bob"),
                                           database.addAccount("carol"), database.addAccount("dave", {}, 1500)};
  const std::vector<MailboxId> mailboxes = {kInbox, MailboxId{2}, MailboxId{3}};
  const std::vector<std::string> names = {"a", "b", "a/c", "b/d", "Drafts/e"};
  constexpr unsigned kSessions = 8;
  std::atomic<unsigned> working = kSessions;
  std::atomic<int> keys = 0;
  std::atomic<int> deadlocks = 0;

  const auto deliver = [&](Dice& dice, db::Transaction& transaction) {
    const std::string octets = kMail + std::to_string(dice.upTo(3));
    std::vector<Delivery> deliveries;
    for (const AccountId account : accounts) {
      // A key is used about three times, by whoever comes.
      deliveries.push_back({.account = account, .queueKey = std::to_string(keys++ / 12)});
    }
    DeliveryRepository(transaction)
        .deliver(Content(octets, 14, "", ""), deliveries, DeliveryRepository::WhenBusy::report);
  };
  const auto act = [&](Dice& dice, db::Transaction& transaction) {
    const AccountId account = dice.oneOf(accounts);
    const MailboxId mailbox = dice.oneOf(mailboxes);
    const UidSet uids = UidSet::range(Uid{1 + dice.upTo(30)}, Uid{31 + dice.upTo(10)});
    MessageRepository messages(transaction, account);
    MailboxRepository tree(transaction, account);
    switch (dice.upTo(9)) {
      case 0:
      case 1:
        deliver(dice, transaction);
        break;
      case 2:
        (void)messages.append(mailbox, Content(kMail, 14, "", ""), Flags(dice.upTo(31), dice.upTo(3)));
        break;
      case 3:
      case 4:
        messages.storeFlags(mailbox, uids, dice.upTo(1) ? FlagChange::replace : FlagChange::add,
                            Flags(dice.upTo(31), dice.upTo(3)));
        break;
      case 5:
        (void)messages.copy(mailbox, uids, dice.oneOf(mailboxes));
        break;
      case 6:
        (void)messages.move(mailbox, uids, dice.oneOf(mailboxes));
        break;
      case 7:
        messages.expunge(mailbox, uids);
        break;
      case 8:
        if (const auto made = tree.create(dice.oneOf(names))) (void)messages.copy(kInbox, uids, made->id);
        break;
      case 9:
        if (dice.upTo(1)) {
          (void)tree.rename(dice.oneOf(names), dice.oneOf(names));
        } else {
          (void)tree.remove(dice.oneOf(names));
        }
        break;
    }
  };

  std::vector<std::jthread> people;
  for (unsigned number = 0; number < kSessions; ++number) {
    people.emplace_back([&, number] {
      Session session(database, "posthouse_imapd", deadlocks);
      Dice dice(seed + number);
      for (int i = 0; i < 50; ++i) {
        session.run([&](db::Transaction& transaction) {
          act(dice, transaction);
          return 0;
        });
      }
      --working;
    });
  }
  std::deque<Follower> followers;
  for (const AccountId account : accounts) followers.emplace_back(database, account, kInbox, deadlocks);
  people.emplace_back([&] {
    while (working > 0) {
      for (Follower& follower : followers) follower.poll();
    }
  });
  people.clear();  // joins
  CHECK(deadlocks == 0);
  for (Follower& follower : followers) CHECK(follower.finish().empty());
  checkAll(database, accounts);
  database.transact([](db::Transaction& transaction) {
    const auto twice = transaction.exec1(
        "SELECT count(*) FROM posthouse.account_state WHERE quota_bytes > 0 AND bytes_used > quota_bytes");
    CHECK(twice[0].get<int>(0) == 0);
  });
}

TEST_CASE("the check of an account finds what is wrong", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    (void)MessageRepository(transaction, alice).append(kInbox, Content(kMail, 14, "", "")).value();
    CHECK(checkAccount(transaction, alice).empty());
    transaction.exec("UPDATE posthouse.mailbox SET n_msgs = 5, uidnext = 1 WHERE mailbox_id = 1");
    transaction.exec("UPDATE posthouse.account_state SET bytes_used = 1");
    transaction.exec("DELETE FROM posthouse.blob_ref");
    CHECK(checkAccount(transaction, alice).size() == 4);
  });
}
