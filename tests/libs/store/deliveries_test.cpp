#include <catch2/catch.hpp>
#include <random>

#include "store/consistency.h"
#include "store/delivery_repository.h"
#include "store/message_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;
using WhenBusy = DeliveryRepository::WhenBusy;

namespace {

std::string mail(unsigned number) {
  return "Subject: " + std::to_string(number) + "\r\n\r\nHow are you?\r\n";
}

/// Parcels with what they refer to.
struct Batch {
  std::deque<std::string> octets;
  std::deque<Content> contents;
  std::deque<Delivery> deliveries;
  std::vector<Parcel> parcels;

  void add(const std::string& text, Delivery delivery) {
    octets.push_back(text);
    contents.emplace_back(octets.back(), 14, "(envelope)", "(structure)");
    deliveries.push_back(std::move(delivery));
    parcels.push_back({&contents.back(), &deliveries.back()});
  }
};

std::vector<Delivered> deliver(test::TestDatabase& database, const std::vector<Parcel>& parcels) {
  return database.transact(
      [&](db::Transaction& transaction) { return DeliveryRepository(transaction).deliver(parcels, WhenBusy::report); });
}

}  // namespace

TEST_CASE("a batch is answered and ordered as its parcels would be one by one", "[store]") {
  std::mt19937 random(GENERATE(1U, 2U, 3U, 4U));
  const auto upTo = [&random](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n)(random); };
  test::TestDatabase together;
  test::TestDatabase apart;
  std::vector<AccountId> accounts;
  for (const char* name : {"alice", "bob", "carol"}) {
    accounts.push_back(together.addAccount(name, {}, 600));
    REQUIRE(apart.addAccount(name, {}, 600) == accounts.back());
  }
  accounts.push_back(AccountId{4711});

  for (int round = 0; round < 5; ++round) {
    Batch batch;
    for (unsigned i = 0; i <= upTo(12); ++i) {
      batch.add(mail(upTo(3)), {.account = accounts[upTo(3)],
                                .mailbox = MailboxId{static_cast<std::int32_t>(1 + 98 * (upTo(9) / 9))},
                                .prefix = std::string(upTo(20), 'p'),
                                .flags = upTo(2) ? Flags() : Flags(Flag::seen),
                                .queueKey = upTo(2) ? "Q" + std::to_string(upTo(30)) : std::string()});
    }
    const std::vector<Delivered> answers = deliver(together, batch.parcels);
    REQUIRE(answers.size() == batch.parcels.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const Delivered single = deliver(apart, {batch.parcels[i]}).front();
      CHECK(answers[i].status == single.status);
      CHECK(answers[i].uid == single.uid);
      CHECK(answers[i].modSeq == single.modSeq);
      CHECK(answers[i].email == single.email);
    }
  }
  for (test::TestDatabase* database : {&together, &apart}) {
    database->transact([&](db::Transaction& transaction) {
      for (const AccountId account : accounts) CHECK(checkAccount(transaction, account).empty());
    });
  }
}

TEST_CASE("a body that nobody got is left to the collector", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice", {}, 40);
  Batch batch;
  batch.add(mail(1), {.account = alice});
  batch.add(mail(2), {.account = alice});
  const auto answers = deliver(database, batch.parcels);
  CHECK(answers[0].status == DeliveryStatus::stored);
  CHECK(answers[1].status == DeliveryStatus::overQuota);
  database.transact([&](db::Transaction& transaction) {
    const auto rows = transaction.exec("SELECT blob_id FROM posthouse.blob_gc");
    REQUIRE(rows.size() == 1);
    CHECK(BlobId::from(rows[0].view(0)) == BlobId::of(mail(2)));
  });
}
