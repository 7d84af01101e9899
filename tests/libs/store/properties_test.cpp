// What must hold whatever happens at the same time, and in whatever order.
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <thread>

#include "db/errors.h"
#include "store/consistency.h"
#include "store/delivery_repository.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;

namespace {

const std::string kMail = "Subject: x\r\n\r\nbody\r\n";

/// A connection of a role that runs each job as a transaction, and again after it lost against another.
class Session {
 public:
  Session(const test::TestDatabase& database, std::string_view role) : connection_(database.urlAs(role), role) {}

  template <class Job>
  auto run(Job job, const char* begin = "BEGIN") {
    for (;;) {
      try {
        connection_.script(begin);
        db::Transaction transaction(connection_);
        auto result = job(transaction);
        connection_.commit();
        return result;
      } catch (const db::Conflict&) {
        connection_.rollback();
      } catch (const db::Busy&) {  // on a machine that has much else to do
        connection_.rollback();
      }
    }
  }
  template <class Job>
  auto read(Job job) {
    return run(job, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

 private:
  db::Connection connection_;
};

using Model = std::map<Uid, MessageState>;

Model modelOf(const MailboxView& view) {
  Model model;
  for (const MessageState& message : view.messages) model.emplace(message.uid, message);
  return model;
}

void apply(Model& model, const Changes& changes) {
  for (const MessageState& message : changes.changed) model.insert_or_assign(message.uid, message);
  std::erase_if(model, [&](const auto& entry) { return changes.vanished.contains(entry.first); });
}

}  // namespace

TEST_CASE("UIDs never appear below one that a reader has seen", "[store]") {
  test::TestDatabase database;
  const std::vector<AccountId> accounts = {database.addAccount("alice"), database.addAccount("bob")};
  constexpr int kWriters = 6;
  constexpr int kEach = 40;
  std::atomic<int> writing = kWriters;

  std::vector<std::jthread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      Session session(database, "posthouse_lmtp_delivery");
      for (int i = 0; i < kEach; ++i) {
        const std::string octets = kMail + std::to_string(i);  // many store the same body at once
        const std::vector<Delivery> deliveries = {
            {.account = accounts[0], .queueKey = std::to_string(writer) + "." + std::to_string(i)},
            {.account = accounts[1], .queueKey = std::to_string(writer) + "." + std::to_string(i)}};
        session.run([&](db::Transaction& transaction) {
          return DeliveryRepository(transaction)
              .deliver(Content(octets, 14, "", ""), deliveries, DeliveryRepository::WhenBusy::wait);
        });
      }
      --writing;
    });
  }

  Session reader(database, "posthouse_imapd");
  std::uint32_t highest = 0;
  std::size_t seen = 0;
  Model model;
  ModSeq known{0};
  for (bool isLast = false; !isLast;) {
    isLast = writing == 0;
    const auto changes = reader.read([&](db::Transaction& transaction) {
      return *MessageRepository(transaction, accounts[0]).changesSince(kInbox, known);
    });
    for (const MessageState& message : changes.changed) {
      if (static_cast<std::uint32_t>(message.uid) <= highest) FAIL("a UID appeared late");
      highest = static_cast<std::uint32_t>(message.uid);
      ++seen;
    }
    known = changes.highestModSeq;
    apply(model, changes);
  }
  CHECK(seen == kWriters * kEach);
  CHECK(highest == kWriters * kEach);
  for (const AccountId account : accounts) {
    CHECK(reader.read([&](db::Transaction& transaction) {
      return MessageRepository(transaction, account).view(kInbox)->messages.size();
    }) == kWriters * kEach);
    database.transact([&](db::Transaction& transaction) { CHECK(checkAccount(transaction, account).empty()); });
  }
}

TEST_CASE("changes since any moment lead from what was to what is", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  Session session(database, "posthouse_imapd");
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
  const std::vector<AccountId> accounts = {database.addAccount("alice"), database.addAccount("bob"),
                                           database.addAccount("carol")};
  {
    std::vector<std::jthread> sessions;
    for (unsigned number = 0; number < 6; ++number) {
      sessions.emplace_back([&, number] {
        Session session(database, "posthouse_imapd");
        std::mt19937 random(number);
        const auto upTo = [&random](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n)(random); };
        for (int i = 0; i < 40; ++i) {
          const AccountId account = accounts[upTo(2)];
          const UidSet uids = UidSet::range(Uid{1 + upTo(10)}, Uid{11 + upTo(10)});
          session.run([&](db::Transaction& transaction) {
            MessageRepository messages(transaction, account);
            switch (upTo(4)) {
              case 0: {
                const std::string octets = kMail + std::to_string(upTo(3));
                const std::vector<Delivery> deliveries = {
                    {.account = accounts[0]}, {.account = accounts[2]}, {.account = accounts[1]}};
                DeliveryRepository(transaction)
                    .deliver(Content(octets, 14, "", ""), deliveries, DeliveryRepository::WhenBusy::report);
                break;
              }
              case 1:
                (void)messages.append(kInbox, Content(kMail, 14, "", ""), Flags(upTo(31), upTo(3))).value();
                break;
              case 2:
                messages.storeFlags(kInbox, uids, FlagChange::replace, Flags(upTo(31), upTo(3)));
                break;
              case 3:
                (void)messages.move(kInbox, uids, MailboxId{2}).value();
                break;
              case 4:
                messages.expunge(upTo(1) ? kInbox : MailboxId{2}, uids);
                break;
            }
            return 0;
          });
        }
      });
    }
  }
  for (const AccountId account : accounts) {
    database.transact([&](db::Transaction& transaction) {
      for (const Inconsistency& found : checkAccount(transaction, account)) FAIL_CHECK(found.what);
    });
  }
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

TEST_CASE("no hot statement reads a whole table", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  const AccountId bob = database.addAccount("bob");
  // Enough rows, in two accounts and two mailboxes, that a scan would look attractive to a careless planner.
  database.transact([&](db::Transaction& transaction) {
    for (const AccountId account : {alice, bob}) {
      transaction.exec(R"sql(
        INSERT INTO posthouse.msg (account_id, mailbox_id, uid, modseq, email_id, internal_date, save_date, size)
        SELECT $1, 1 + n % 2, n, n, n, now(), now(), 100 FROM generate_series(1, 4000) n)sql",
                       account);
      transaction.exec(R"sql(
        INSERT INTO posthouse.email (account_id, email_id, thread_id, received_at, size, hdr_size, blob_id, envelope, bodystructure, prefix)
        SELECT $1, n, n, now(), 100, 10, sha256(n::text::bytea), '', '', '' FROM generate_series(1, 4000) n)sql",
                       account);
      transaction.exec(
          "UPDATE posthouse.mailbox SET uidnext = 4001, highestmodseq = 4000, n_msgs = 2000 WHERE account_id = $1 AND "
          "mailbox_id < 3",
          account);
      transaction.exec(
          "UPDATE posthouse.account_state SET modseq = 4000, next_email = 4001, msgs_used = 4000 WHERE account_id = $1",
          account);
      transaction.exec(R"sql(
        INSERT INTO posthouse.delivery_key (account_id, key, kind, uid) SELECT $1, n::text::bytea, 'q', n FROM generate_series(1, 4000) n)sql",
                       account);
    }
    transaction.exec(
        "INSERT INTO posthouse.blob (blob_id, size, enc, data) SELECT sha256(n::text::bytea), 1, 0, 'x' FROM "
        "generate_series(1, 4000) n");
    transaction.exec(
        "INSERT INTO posthouse.blob_ref (blob_id, kind, holder, item) SELECT sha256(n::text::bytea), 'a', 1, n "
        "FROM generate_series(1, 4000) n");
  });
  database.transact([](db::Transaction& transaction) { transaction.exec("ANALYZE"); });

  database.transact([&](db::Transaction& transaction) {
    const Content content(kMail, 14, "", "");
    MessageRepository messages(transaction, alice);
    UidSet uids;
    for (unsigned uid = 1; uid < 1000; uid += 7) uids.add(Uid{uid});
    for (int repeat = 0; repeat < 7; ++repeat) {  // past the point where generic plans are made
      const std::vector<Delivery> deliveries = {
          {.account = alice, .queueKey = "a" + std::to_string(repeat)},
          {.account = bob, .queueKey = "b" + std::to_string(repeat), .retryKey = "c" + std::to_string(repeat)}};
      DeliveryRepository(transaction).deliver(content, deliveries, DeliveryRepository::WhenBusy::report);
      (void)messages.append(kInbox, content).value();
      messages.storeFlags(kInbox, uids, FlagChange::add, Flags(1U << repeat, 0), ModSeq{1'000'000});
      (void)messages.copy(kInbox, uids, MailboxId{3}).value();
      messages.changesSince(kInbox, ModSeq{4000});
      messages.summaries(kInbox, uids);
      (void)messages.read(MailboxId{2}, Uid{2001});
      messages.expunge(MailboxId{3}, UidSet::all(), MessageRepository::Which::all);
      MailboxRepository(transaction, alice).firstUnseen(kInbox);
    }
    const auto scans = transaction.exec(R"sql(
      SELECT relname || ': ' || seq_scan FROM pg_stat_xact_user_tables
       WHERE seq_scan > 0 AND relname IN ('msg', 'email', 'blob', 'blob_chunk', 'blob_ref', 'delivery_key', 'change_log'))sql");
    for (const auto& scan : scans) FAIL_CHECK(scan.get<std::string>(0));
  });
}

TEST_CASE("a delivery takes no more relation locks than PostgreSQL keeps apart from its lock table", "[store]") {
  test::TestDatabase database;
  const std::vector<Delivery> deliveries = {{.account = database.addAccount("alice"), .queueKey = "q", .retryKey = "c"},
                                            {.account = database.addAccount("bob"), .queueKey = "q", .retryKey = "c"}};
  std::string octets = kMail;
  std::mt19937 random(1);
  while (octets.size() < 7000) octets += static_cast<char>('a' + random() % 26);
  database.transact([&](db::Transaction& transaction) {
    DeliveryRepository(transaction)
        .deliver(Content(octets, 14, "", ""), deliveries, DeliveryRepository::WhenBusy::report);
    const auto locks = transaction.exec(R"sql(
      SELECT DISTINCT l.relation::regclass::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
       WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relnamespace <> 'pg_catalog'::regnamespace)sql");
    for (const auto& lock : locks) UNSCOPED_INFO(lock.get<std::string>(0));
    CHECK(locks.size() <= 16);
  });
}
