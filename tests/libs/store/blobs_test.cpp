#include <catch2/catch.hpp>
#include <random>

#include "base/base64.h"
#include "store/blob_store.h"
#include "store/delivery_repository.h"
#include "store/message_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;

namespace {

std::string text(std::size_t size) {
  std::string text;
  for (int line = 0; text.size() < size; ++line) text += "Line " + std::to_string(line) + " of a long mail.\r\n";
  text.resize(size);
  return text;
}

std::string attachment(std::size_t size) {
  std::string mail = "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  std::minstd_rand random(7);
  while (mail.size() < size) {
    std::string octets(57, '\0');
    for (char& c : octets) c = static_cast<char>(random() >> 8);
    mail += base64::encode(octets) + "\r\n";
  }
  mail.resize(size);
  return mail;
}

std::string noise(std::size_t size) {
  std::string noise(size, '\0');
  std::minstd_rand random(7);
  for (char& c : noise) c = static_cast<char>(random() >> 8);
  return noise;
}

}  // namespace

TEST_CASE("any part of a body can be read, whatever its size", "[store]") {
  test::TestDatabase database;
  constexpr std::size_t kChunk = EncodedBlob::kChunk;
  for (const std::string& octets :
       {std::string(), std::string("x"), text(5000), text(kChunk), text(kChunk + 1), text(3 * kChunk + 17), noise(5000),
        noise(2 * kChunk + 5), attachment(9000), attachment(3 * kChunk + 17)}) {
    CAPTURE(octets.size());
    database.transact([&](db::Transaction& transaction) {
      BlobStore blobs(transaction);
      const EncodedBlob blob = EncodedBlob::of(octets);
      blobs.put(blob);
      blobs.put(blob);
      CHECK(blobs.read(blob.id) == octets);
      for (const std::size_t offset :
           {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, octets.size()}) {
        for (const std::size_t length :
             {std::size_t{0}, std::size_t{1}, std::size_t{100}, kChunk, kChunk + 2, octets.size()}) {
          CAPTURE(offset, length);
          const std::string expected = offset >= octets.size() ? std::string() : octets.substr(offset, length);
          CHECK((blobs.read(blob.id, offset, length) == expected));
        }
      }
    });
  }
  database.transact([](db::Transaction& transaction) { CHECK_FALSE(BlobStore(transaction).read(BlobId{})); });
}

TEST_CASE("a part of a large body reads only its chunks", "[store]") {
  test::TestDatabase database;
  const std::string octets = text(4 * EncodedBlob::kChunk);
  const EncodedBlob blob = EncodedBlob::of(octets);
  database.transact([&](db::Transaction& transaction) {
    BlobStore(transaction).put(blob);
    // Were the others read, they would be found to be damaged.
    transaction.exec("UPDATE posthouse.blob_chunk SET data = 'damaged' WHERE seq <> 2");
    CHECK(BlobStore(transaction).read(blob.id, 2 * EncodedBlob::kChunk + 10, 1000) ==
          octets.substr(2 * EncodedBlob::kChunk + 10, 1000));
    CHECK_THROWS_WITH(BlobStore(transaction).read(blob.id), Catch::Contains("damaged"));
  });
}

TEST_CASE("recipients of one message share its body", "[store]") {
  test::TestDatabase database;
  const std::string octets = GENERATE(text(3000), text(600'000));
  const std::vector<Delivery> deliveries = {
      {.account = database.addAccount("alice"), .prefix = "Delivered-To: alice\r\n"},
      {.account = database.addAccount("bob"), .prefix = "Delivered-To: bob\r\n"}};
  database.transact([&](db::Transaction& transaction) {
    const Content content(octets, 10, "", "");
    const auto answers =
        DeliveryRepository(transaction).deliver(content, deliveries, DeliveryRepository::WhenBusy::wait);
    CHECK(answers[1].status == DeliveryStatus::stored);
    CHECK(transaction.exec1("SELECT count(*) FROM posthouse.blob")[0].get<int>(0) == 1);
    CHECK(MessageRepository(transaction, deliveries[1].account).read(kInbox, Uid{1}) ==
          "Delivered-To: bob\r\n" + octets);
    const auto tail =
        MessageRepository(transaction, deliveries[0].account).read(kInbox, Uid{1}, octets.size() + 11, 100);
    CHECK(tail == octets.substr(octets.size() - 10));
  });
}
