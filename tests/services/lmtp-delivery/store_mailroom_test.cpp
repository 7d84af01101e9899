#include "store_mailroom.h"

#include <catch2/catch.hpp>

#include "services/lmtp-delivery/store_fixture.h"
#include "store/blob_store.h"

using namespace posthouse;
using namespace posthouse::lmtp_delivery;

namespace {

const std::vector<Verdict> kBothDelivered{Verdict::delivered, Verdict::delivered};

}  // namespace

TEST_CASE("a message is stored for each recipient under a prefix of his own", "[lmtp-delivery]") {
  Store store;
  CHECK(store.deliver({to(store.alice), to(store.bob)}) == kBothDelivered);
  CHECK(store.inbox(store.alice) ==
        std::vector{"Return-Path: <carol@x.example>\r\nDelivered-To: alice@mail.test\r\n" + kMessage});
  CHECK(store.inbox(store.bob) ==
        std::vector{"Return-Path: <carol@x.example>\r\nDelivered-To: bob@mail.test\r\n" + kMessage});
  CHECK(store.metrics.appended.Value() == 2);
}

TEST_CASE("a delivery that is repeated is answered again and stored once", "[lmtp-delivery]") {
  Store store;
  const std::vector<Recipient> recipients{to(store.alice, "Q1\nalice@mail.test"), to(store.bob, "Q1\nbob@mail.test")};
  for (int i = 0; i < 3; ++i) CHECK(store.deliver(recipients) == kBothDelivered);
  CHECK(store.inbox(store.alice).size() == 1);
  CHECK(store.inbox(store.bob).size() == 1);
  CHECK(store.metrics.dedupHits.Value() == 4);
  CHECK(store.metrics.dedupMisses.Value() == 2);

  SECTION("sent deliberately twice, it is two mails") {
    CHECK(store.deliver({to(store.alice, "Q2\nalice@mail.test")}) == std::vector{Verdict::delivered});
    CHECK(store.inbox(store.alice).size() == 2);
  }
  SECTION("a client that missed our reply sends it under a new queue id") {
    const std::string hash(32, 'h');
    store.deliver({to(store.alice, "Q3\nalice@mail.test", hash)});
    CHECK(store.deliver({to(store.alice, "Q4\nalice@mail.test", hash)}) == std::vector{Verdict::delivered});
    CHECK(store.inbox(store.alice).size() == 2);
  }
  SECTION("without a key nobody can tell") {
    store.deliver({to(store.alice)});
    store.deliver({to(store.alice)});
    CHECK(store.inbox(store.alice).size() == 3);
  }
}

TEST_CASE("a full mailbox is told from its neighbours", "[lmtp-delivery]") {
  Store store;
  const std::string large = "Subject: large\r\n\r\n" + std::string(2000, 'x') + "\r\n";
  CHECK(store.deliver({to(store.bob), to(store.alice)}, large) == std::vector{Verdict::overQuota, Verdict::delivered});
  CHECK(store.inbox(store.bob).empty());
  CHECK_FALSE(store.loop.runUntilDone(store.mailroom.hasRoom(std::array{store.bob}, 2000)));
  CHECK(store.loop.runUntilDone(store.mailroom.hasRoom(std::array{store.alice}, 2000)));
}

TEST_CASE("an account that has gone has no mailbox", "[lmtp-delivery]") {
  Store store;
  CHECK(store.deliver({to({4711, "gone@mail.test"}), to(store.alice)}) ==
        std::vector{Verdict::noSuchUser, Verdict::delivered});
}

TEST_CASE("a mailbox that somebody works on does not hold up the others", "[lmtp-delivery]") {
  Store store;
  const std::vector<Verdict> verdicts = store.postgres.transact([&](db::Transaction& transaction) {
    transaction.exec("SELECT 1 FROM posthouse.account_state WHERE account_id = $1 FOR UPDATE", store.alice.id);
    return store.deliver({to(store.alice), to(store.bob)});
  });
  CHECK(verdicts == std::vector{Verdict::busy, Verdict::delivered});
  CHECK(store.deliver({to(store.alice)}) == std::vector{Verdict::delivered});
}

TEST_CASE("an alias is delivered to everybody behind it", "[lmtp-delivery]") {
  Store store;
  CHECK(store.deliver({{"all@mail.test", {store.alice, store.bob}, "Q1\nall@mail.test", {}}}) ==
        std::vector{Verdict::delivered});
  CHECK(store.inbox(store.alice).size() == 1);
  CHECK(store.inbox(store.bob).size() == 1);
}

TEST_CASE("a large message goes in chunks and comes out whole", "[lmtp-delivery]") {
  Store store;
  std::string large = "Subject: large\r\n\r\n";
  for (int i = 0; i < 60'000; ++i) large += "line " + std::to_string(i) + "\r\n";
  CHECK(store.deliver({to(store.alice, "Q1\nalice@mail.test")}, large) == std::vector{Verdict::delivered});
  CHECK(store.inbox(store.alice).front().ends_with(large));
}

TEST_CASE("nothing is stored for a client that has gone", "[lmtp-delivery]") {
  Store store;
  store.gone = true;
  const std::size_t more = GENERATE(std::size_t{0}, std::size_t{store::EncodedBlob::kChunk});
  const std::string octets = kMessage + std::string(more, 'x');
  CHECK(store.deliver({to(store.alice), to(store.bob)}, octets) ==
        std::vector{Verdict::unavailable, Verdict::unavailable});
  CHECK(store.inbox(store.alice).empty());
  CHECK(store.inbox(store.bob).empty());
  store.gone = false;
  CHECK(store.deliver({to(store.alice)}, octets) == std::vector{Verdict::delivered});
}

TEST_CASE("while PostgreSQL is away nobody's message is taken", "[lmtp-delivery]") {
  Store store("postgresql:///none?host=/nowhere");
  CHECK(store.deliver({to(store.alice), to(store.bob)}) == std::vector{Verdict::unavailable, Verdict::unavailable});
  CHECK(store.loop.runUntilDone(store.mailroom.hasRoom(std::array{store.alice}, 2000)));
}
