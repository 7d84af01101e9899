// The collector beside everybody else: whoever stores, copies and removes the same bodies at the same time loses
// nothing, and nothing stays behind.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "concurrent.h"
#include "store/blob_store.h"
#include "store/collector.h"
#include "store/consistency.h"
#include "store/delivery_repository.h"
#include "store/mailbox_repository.h"
#include "store/queue_repository.h"

using namespace posthouse;
using namespace posthouse::store;
using namespace std::chrono_literals;
using test::Dice;
using test::Session;

namespace {

/// Few enough bodies that everybody meets, and enough that now and then nobody holds one; some of them in chunks.
std::vector<std::string> bodies() {
  std::vector<std::string> all;
  for (int i = 0; i < 24; ++i) {
    all.push_back("Subject: " + std::to_string(i) + "\r\n\r\nbody\r\n");
    if (i % 8 == 0) all.back() += std::string(EncodedBlob::kChunk + 1000, 'x');
  }
  return all;
}

/// Everybody of the test, each a thread until `working` says no more; failures are collected, because only the main
/// thread may assert.
struct Town {
  test::TestDatabase database;
  std::vector<AccountId> accounts = {database.addAccount("alice"), database.addAccount("bob"),
                                     database.addAccount("carol")};
  std::vector<std::string> contents = bodies();
  std::vector<MailboxId> mailboxes = {kInbox, MailboxId{2}};
  std::atomic<int> working = 0;
  std::atomic<int> failures = 0;
  std::atomic<int> deadlocks = 0;
  std::atomic<std::int64_t> collected = 0;

  Content content(Dice& dice) { return {dice.oneOf(contents), 14, "", ""}; }

  void expect(bool isRight) {
    if (!isRight) ++failures;
  }

  static bool wereStored(const std::vector<Delivered>& answers) {
    return std::ranges::all_of(answers,
                               [](const Delivered& answer) { return answer.status == DeliveryStatus::stored; });
  }

  void deliverer(unsigned seed, int rounds, DeliveryRepository::WhenBusy whenBusy) {
    Dice dice(seed);
    Session session(database, "posthouse_lmtp_delivery", deadlocks);
    for (int i = 0; i < rounds; ++i) {
      const Content mail = content(dice);
      const std::vector<Delivery> deliveries = {{.account = dice.oneOf(accounts)}, {.account = dice.oneOf(accounts)}};
      session.run([&](db::Transaction& transaction) {
        const auto answers = DeliveryRepository(transaction).deliver(mail, deliveries, whenBusy);
        if (whenBusy == DeliveryRepository::WhenBusy::wait) expect(wereStored(answers));
        return 0;
      });
    }
    --working;
  }

  void reader(unsigned seed, int rounds) {
    Dice dice(seed);
    Session session(database, "posthouse_imapd", deadlocks);
    for (int i = 0; i < rounds; ++i) {
      const AccountId account = dice.oneOf(accounts);
      const MailboxId from = dice.oneOf(mailboxes);
      const MailboxId to = dice.oneOf(mailboxes);
      session.read([&](db::Transaction& transaction) {
        verify(transaction, account, from);
        return 0;
      });
      session.run([&](db::Transaction& transaction) {
        MessageRepository messages(transaction, account);
        const auto view = messages.view(from);
        if (view->messages.empty()) return 0;
        const unsigned first = static_cast<unsigned>(dice.oneOf(view->messages).uid);
        const UidSet some = UidSet::range(Uid{first}, Uid{first + dice.upTo(50)});
        switch (dice.upTo(4)) {
          case 0:
            expect(messages.append(to, content(dice)).has_value());
            break;
          case 1:
            expect(messages.copy(from, some, to).has_value());
            break;
          case 2:
            if (from != to) expect(messages.move(from, some, to).has_value());
            break;
          default:
            messages.expunge(from, some, MessageRepository::Which::all);
            break;
        }
        return 0;
      });
    }
    --working;
  }

  /// Some messages of the mailbox as they are read, against the name that their bodies have by their octets.
  void verify(db::Transaction& transaction, AccountId account, MailboxId mailbox) {
    MessageRepository messages(transaction, account);
    const auto summaries = messages.summaries(mailbox, UidSet::all());
    std::vector<const Summary*> wanted;
    for (const Summary& summary : summaries) wanted.push_back(&summary);
    const auto octets = messages.readAll(wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      expect(octets[i] && BlobId::of(*octets[i]) == wanted[i]->blob);
    }
  }

  void queueWorker(unsigned seed, int rounds) {
    Dice dice(seed);
    Session smtpd(database, "posthouse_smtpd", deadlocks);
    Session relayd(database, "posthouse_relayd", deadlocks);
    for (int i = 0; i < rounds; ++i) {
      const Content mail = content(dice);
      const QueuedMessage message{.id = QueueId{seed * 1000 + static_cast<unsigned>(i)},
                                  .sender = "",
                                  .envelopeId = "",
                                  .createdAt = {},
                                  .expiresAt = {}};
      const std::vector<QueuedRecipient> recipients = {
          {.address = "a@x.example", .originalRecipient = "", .destination = "x.example", .nextAt = {}},
          {.address = "b@y.example", .originalRecipient = "", .destination = "y.example", .nextAt = {}}};
      smtpd.run([&](db::Transaction& transaction) {
        QueueRepository(transaction).enqueue(message, recipients, mail);
        return 0;
      });
      const auto claims =
          relayd.run([](db::Transaction& transaction) { return QueueRepository(transaction).claim(600s, 2); });
      relayd.run([&](db::Transaction& transaction) {
        QueueRepository queue(transaction);
        for (const Claim& claim : claims) {
          const auto octets = queue.load(claim);
          expect(octets && BlobId::of(*octets) == claim.blob);
        }
        return queue.finish(claims);
      });
    }
    --working;
  }

  /// Round after round while others work; with `grace` almost nothing, so that every race is met.
  void collector(std::chrono::milliseconds grace) {
    Session session(database, "posthouse_lmtp_delivery", deadlocks);
    const auto call = [&](auto job) {
      return session.run([&](db::Transaction& transaction) {
        Collector collector(transaction);
        return job(collector);
      });
    };
    while (working > 0) collected += round(call, grace);
  }

  template <class Call>
  static std::int64_t round(const Call& call, std::chrono::milliseconds grace) {
    AccountId after{0};
    while (const auto done = call([&](Collector& c) { return c.collectEmails(after, 5); })) after = done->account;
    call([](Collector& c) { return c.sweepBlobs(0ms, 3); });
    call([](Collector& c) { return c.pruneChangeLog(AccountId{0}, 50ms, 10); });
    return call([&](Collector& c) { return c.collectBlobs(grace, 10); }).removed;
  }

  /// Until there is nothing left to do.
  void settle() {
    Session session(database, "posthouse_lmtp_delivery", deadlocks);
    const auto call = [&](auto job) {
      return session.run([&](db::Transaction& transaction) {
        Collector collector(transaction);
        return job(collector);
      });
    };
    while (call([](Collector& c) { return c.sweepBlobs(0ms, 1000); }).lookedAt > 0) {
    }
    for (auto left = call([](Collector& c) { return c.backlog(0ms); }); left.accounts + left.blobs > 0;
         left = call([](Collector& c) { return c.backlog(0ms); })) {
      collected += round(call, 0ms);
    }
  }
};

}  // namespace

TEST_CASE("the collector takes no body from anybody, and leaves none behind", "[store]") {
  Town town;
  const unsigned seed = GENERATE(take(2, random(1U, 1'000'000U)));
  CAPTURE(seed);
  town.working = 7;
  {
    std::vector<std::jthread> people;
    for (unsigned i = 0; i < 4; ++i) {
      const auto whenBusy = i % 2 == 0 ? DeliveryRepository::WhenBusy::report : DeliveryRepository::WhenBusy::wait;
      people.emplace_back([&town, i, seed, whenBusy] { town.deliverer(seed + i, 60, whenBusy); });
    }
    for (unsigned i = 4; i < 6; ++i) people.emplace_back([&town, i, seed] { town.reader(seed + i, 60); });
    people.emplace_back([&town, seed] { town.queueWorker(seed + 6, 60); });
    people.emplace_back([&town] { town.collector(0ms); });
    people.emplace_back([&town] { town.collector(3ms); });
  }
  CHECK(town.failures == 0);
  CHECK(town.deadlocks == 0);

  for (const bool isSettled : {false, true}) {
    CAPTURE(isSettled);
    for (const AccountId account : town.accounts) {
      town.database.transact([&](db::Transaction& transaction) {
        for (const Inconsistency& found : checkAccount(transaction, account)) FAIL_CHECK(found.what);
        for (const MailboxId mailbox : town.mailboxes) town.verify(transaction, account, mailbox);
      });
    }
    CHECK(town.failures == 0);
    if (!isSettled) town.settle();
  }
  CHECK(town.collected > 0);
  town.database.transact([](db::Transaction& transaction) {
    const auto left = transaction.exec1(R"sql(
      SELECT (SELECT count(*) FROM posthouse.email e
               WHERE NOT EXISTS (SELECT 1 FROM posthouse.msg m WHERE m.account_id = e.account_id AND m.email_id = e.email_id)),
             (SELECT count(*) FROM posthouse.blob b
               WHERE NOT EXISTS (SELECT 1 FROM posthouse.email e WHERE e.blob_id = b.blob_id)
                 AND NOT EXISTS (SELECT 1 FROM posthouse.queue_msg q WHERE q.blob_id = b.blob_id)),
             (SELECT count(*) FROM posthouse.blob_chunk c WHERE NOT EXISTS (SELECT 1 FROM posthouse.blob b WHERE b.blob_id = c.blob_id)),
             (SELECT count(*) FROM posthouse.blob_ref) - (SELECT count(*) FROM posthouse.email) - (SELECT count(*) FROM posthouse.queue_msg))sql");
    CHECK(left[0].get<int>(0) == 0);
    CHECK(left[0].get<int>(1) == 0);
    CHECK(left[0].get<int>(2) == 0);
    CHECK(left[0].get<int>(3) == 0);
  });
}
