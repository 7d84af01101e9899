#include <catch2/catch.hpp>

#include "store/delivery_repository.h"
#include "store/queue_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;
using namespace std::chrono_literals;

namespace {

const std::string kMail = "Subject: out\r\n\r\nGoing away.\r\n";

/// Before the first call: a mail that is queued again is the same only with the same times.
std::chrono::system_clock::time_point ago(std::chrono::seconds age) {
  static const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return now - age;
}

QueuedRecipient to(std::string address, std::string destination) {
  return {.address = std::move(address),
          .originalRecipient = "",
          .notify = 0,
          .destination = std::move(destination),
          .nextAt = ago(1s)};
}

void enqueue(db::Transaction& transaction, QueueId id, const std::vector<QueuedRecipient>& recipients,
             const std::string& octets = kMail) {
  const QueuedMessage message{.id = id,
                              .sender = "alice@mail.test",
                              .envelopeId = "E1",
                              .ret = Ret::headers,
                              .eightBit = true,
                              .utf8 = false,
                              .createdAt = ago(100s),
                              .expiresAt = ago(-5h)};
  QueueRepository(transaction).enqueue(message, recipients, Content(octets, 16, "", ""));
}

}  // namespace

TEST_CASE("what is queued is claimed with all that was said about it", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    QueuedRecipient carol = to("carol@x.example", "x.example");
    carol.originalRecipient = "rfc822;carol@old.example";
    carol.notify = notify::kSuccess | notify::kFailure;
    enqueue(transaction, QueueId{77}, {carol});
    QueueRepository queue(transaction);
    const auto claims = queue.claim(60s, 10);
    REQUIRE(claims.size() == 1);
    const Claim& claim = claims[0];
    CHECK(claim.message.id == QueueId{77});
    CHECK(claim.message.sender == "alice@mail.test");
    CHECK(claim.message.envelopeId == "E1");
    CHECK(claim.message.ret == Ret::headers);
    CHECK(claim.message.eightBit);
    CHECK_FALSE(claim.message.utf8);
    CHECK(claim.message.createdAt < claim.message.expiresAt);
    CHECK(claim.recipient.address == "carol@x.example");
    CHECK(claim.recipient.originalRecipient == "rfc822;carol@old.example");
    CHECK(claim.recipient.notify == (notify::kSuccess | notify::kFailure));
    CHECK(claim.recipient.destination == "x.example");
    CHECK(claim.attempts == 1);
    CHECK_FALSE(claim.leaseExpired);
    CHECK(claim.size == kMail.size());
    CHECK(queue.load(claim) == kMail);
  });
}

TEST_CASE("a lease keeps others away until it ends", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    QueueRepository queue(transaction);
    enqueue(transaction, QueueId{1},
            {to("a@x.example", "x.example"), to("b@y.example", "y.example"), to("c@z.example", "z.example")});
    CHECK(queue.claim(60s, 2).size() == 2);
    CHECK(queue.claim(60s, 2).size() == 1);
    CHECK(queue.claim(60s, 2).empty());
    CHECK(queue.counts().active.recipients == 3);

    transaction.exec("UPDATE posthouse.queue_rcpt SET next_at = next_at - interval '61 seconds'");
    CHECK(queue.claim(60s, 10, {}, false).empty());  // who does not take over leaves them to whom they were given
    const auto again = queue.claim(60s, 10);
    REQUIRE(again.size() == 3);
    CHECK(again[0].leaseExpired);
    CHECK(again[0].attempts == 2);
  });
}

TEST_CASE("one worker leads until it is silent for too long", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    QueueRepository queue(transaction);
    CHECK(queue.lead("first", 60s));
    CHECK_FALSE(queue.lead("second", 60s));
    CHECK(queue.lead("first", 60s));
    transaction.exec("UPDATE posthouse.queue_lead SET until = until - interval '61 seconds'");
    CHECK(queue.lead("second", 60s));
    CHECK_FALSE(queue.lead("first", 60s));
  });
}

TEST_CASE("two workers never hold the same recipient", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    for (std::int64_t id = 1; id <= 20; ++id) enqueue(transaction, QueueId{id}, {to("a@x.example", "x.example")});
  });
  db::Connection other(database.url(), "other");
  other.script("BEGIN");
  db::Transaction theirs(other);
  const auto first = QueueRepository(theirs).claim(60s, 12);
  CHECK(first.size() == 12);
  const auto second =
      database.transact([](db::Transaction& transaction) { return QueueRepository(transaction).claim(60s, 12); });
  CHECK(second.size() == 8);
  other.commit();
}

TEST_CASE("only who holds the lease decides", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    QueueRepository queue(transaction);
    enqueue(transaction, QueueId{1}, {to("a@x.example", "x.example")});
    const auto lost = queue.claim(60s, 1);
    transaction.exec("UPDATE posthouse.queue_rcpt SET next_at = clock_timestamp()");
    const auto held = queue.claim(60s, 1);
    CHECK(queue.renew(lost, 60s) == 0);
    CHECK(queue.renew(held, 600s) == 1);
    CHECK(queue.show(QueueId{1}).at(0).recipient.nextAt > ago(-500s));
    CHECK(queue.finish(lost) == 0);
    CHECK_FALSE(queue.defer(lost[0], ago(0s), "too late"));
    CHECK(queue.defer(held[0], ago(-1h), "451 4.2.1 later"));
    CHECK(queue.finish(held) == 0);
    CHECK(queue.counts().deferred.recipients == 1);
    CHECK(queue.show(QueueId{1}).at(0).lastError == "451 4.2.1 later");
    CHECK(queue.show(QueueId{1}).at(0).state == QueueEntry::State::deferred);
  });
}

TEST_CASE("a message leaves the queue with its last recipient", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    QueueRepository queue(transaction);
    enqueue(transaction, QueueId{5},
            {to("a@x.example", "x.example"), to("b@x.example", "x.example"), to("c@other.example", "other.example")});
    const auto claims = queue.claim(60s, 10);
    REQUIRE(claims.size() == 3);
    CHECK(queue.finish(std::span(claims).first(1)) == 1);
    CHECK(queue.show(QueueId{5}).size() == 2);
    CHECK(queue.finish(claims) == 2);
    CHECK(queue.show(QueueId{5}).empty());
    const auto left = transaction.exec1(R"sql(
      SELECT (SELECT count(*) FROM posthouse.queue_msg), (SELECT count(*) FROM posthouse.blob_ref), (SELECT count(*) FROM posthouse.blob_gc))sql");
    CHECK(left[0].get<int>(0) == 0);
    CHECK(left[0].get<int>(1) == 0);
    CHECK(left[0].get<int>(2) == 1);
  });
}

TEST_CASE("a message queued twice under one id is queued once", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    const std::vector<QueuedRecipient> recipients = {to("a@x.example", "x.example"), to("b@y.example", "y.example")};
    enqueue(transaction, QueueId{5}, recipients);
    enqueue(transaction, QueueId{5}, recipients);
    CHECK(QueueRepository(transaction).list(QueueId{0}, 10).size() == 2);
  });
}

TEST_CASE("a client that sends a mail again is known by its retry keys until they are deleted", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    QueuedRecipient alice = to("alice@mail.test", std::string(QueuedRecipient::kLocal));
    alice.retryKey = "key of alice";
    alice.retryAccount = AccountId{1};
    QueuedRecipient carol = to("carol@x.example", "x.example");
    carol.retryKey = "key of carol";
    const auto queued = [&] { return QueueRepository(transaction).list(QueueId{0}, 10).size(); };

    enqueue(transaction, QueueId{1}, {alice, carol});
    CHECK(queued() == 2);
    enqueue(transaction, QueueId{2}, {alice, carol});
    CHECK(queued() == 2);

    const std::vector<DeliveryKey> keys = {{AccountId{1}, "key of alice"}, {AccountId{0}, "key of carol"}};
    DeliveryRepository(transaction).deleteRetryKeys(keys);
    enqueue(transaction, QueueId{3}, {alice, carol});
    CHECK(queued() == 4);
  });
}

TEST_CASE("full destinations are passed over, what is not due waits, what is held stays", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    QueueRepository queue(transaction);
    QueuedRecipient later = to("later@z.example", "z.example");
    later.nextAt = ago(-1h);
    enqueue(transaction, QueueId{1}, {to("a@x.example", "x.example"), to("b@y.example", "y.example"), later});
    const auto claims = queue.claim(60s, 10, {"x.example"});
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].recipient.destination == "y.example");
    transaction.exec("UPDATE posthouse.queue_rcpt SET next_at = 'infinity' WHERE dest = 'x.example'");
    CHECK(queue.claim(60s, 10).empty());
    const QueueCounts counts = queue.counts();
    CHECK(counts.held.recipients == 1);
    CHECK(counts.active.recipients == 1);
    CHECK(counts.deferred.recipients == 1);
    CHECK(counts.ready.recipients == 0);
    CHECK(counts.held.oldest >= 100s);
  });
}

TEST_CASE("a delay is reported once", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    QueueRepository queue(transaction);
    enqueue(transaction, QueueId{1}, {to("a@x.example", "x.example")});
    const auto claim = queue.claim(60s, 1).at(0);
    CHECK_FALSE(claim.delayReported);
    queue.delayReported(claim);
    CHECK(queue.defer(claim, ago(1s), "no answer"));
    const auto next = queue.claim(60s, 1).at(0);
    CHECK(next.delayReported);
    CHECK(next.lastError == "no answer");
  });
}

TEST_CASE("a queue id that another mail has is refused, and the first mail stays as it is", "[store]") {
  test::TestDatabase database;
  database.transact([](db::Transaction& transaction) {
    enqueue(transaction, QueueId{77}, {to("carol@x.example", "x.example")});
    enqueue(transaction, QueueId{77}, {to("carol@x.example", "x.example")});  // a repeat
  });
  const auto another = [&](std::vector<QueuedRecipient> recipients) {
    database.transact([&](db::Transaction& transaction) {
      enqueue(transaction, QueueId{77}, recipients, "Subject: other\r\n\r\nNot theirs.\r\n");
    });
  };
  CHECK_THROWS_WITH(another({to("carol@x.example", "x.example")}), Catch::Contains("queue id"));
  CHECK_THROWS_WITH(another({to("dan@y.example", "y.example"), to("eve@x.example", "x.example")}),
                    Catch::Contains("queue id"));
  database.transact([](db::Transaction& transaction) {
    const auto claims = QueueRepository(transaction).claim(60s, 10);
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].recipient.address == "carol@x.example");
    CHECK(QueueRepository(transaction).load(claims[0]) == kMail);
  });
}
