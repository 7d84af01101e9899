#include "read_ahead.h"

#include <catch2/catch.hpp>

#include "fakes.h"
#include "net/loop.h"

using namespace posthouse;
using namespace posthouse::pop3d;

namespace {

/// A maildrop of messages of one size, and what a client asks of it.
struct Reader {
  explicit Reader(std::uint32_t messages, std::size_t size = 100, std::size_t memory = 1024 * 1024)
      : pool(memory, [this] { return now; }) {
    for (std::uint32_t i = 1; i <= messages; ++i)
      store.add("n: " + std::to_string(i) + "\r\n" + std::string(size, 'x'));
    maildrop.emplace(login::Identity{}, loop.runUntilDone(store.openToRead({}, "INBOX")).value());
  }

  /// What stands in the first line of a message; 0 if it is gone.
  int take(std::uint32_t number) {
    const auto taken = loop.runUntilDone(ahead.take(*maildrop, pop3::MessageNumber{number}));
    return taken ? std::stoi(taken->octets.substr(3)) : 0;
  }

  net::Loop loop;
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  MemoryStore store;
  ReadAheadPool pool;
  std::optional<Maildrop> maildrop;
  ReadAhead ahead{store, pool};
};

}  // namespace

TEST_CASE("who asks for one message after the other gets each, at few questions", "[pop3d]") {
  Reader reader(1'000);
  for (std::uint32_t number = 1; number <= 1'000; ++number) CHECK(reader.take(number) == static_cast<int>(number));
  CHECK(reader.store.reads < 25);
  CHECK(reader.store.fetched == 1'000);
}

TEST_CASE("who picks single messages has no others read", "[pop3d]") {
  Reader reader(1'000);
  for (const std::uint32_t number : {900U, 3U, 500U, 100U}) CHECK(reader.take(number) == static_cast<int>(number));
  CHECK(reader.store.fetched == 4);
}

TEST_CASE("a message may be asked for again", "[pop3d]") {
  Reader reader(10);
  for (const std::uint32_t number : {1U, 1U, 2U, 3U, 2U, 3U, 4U, 4U})
    CHECK(reader.take(number) == static_cast<int>(number));
}

TEST_CASE("what was marked as deleted when more was read ahead is there again after RSET", "[pop3d]") {
  Reader reader(30);
  for (const std::uint32_t marked : {4U, 15U}) reader.maildrop->markDeleted(pop3::MessageNumber{marked});
  for (const std::uint32_t number : {1U, 2U}) CHECK(reader.take(number) == static_cast<int>(number));
  reader.maildrop->unmarkDeleted();
  for (std::uint32_t number = 3; number <= 30; ++number) CHECK(reader.take(number) == static_cast<int>(number));
}

TEST_CASE("what is marked as deleted is not read ahead, and what is gone is nothing", "[pop3d]") {
  Reader reader(100);
  for (std::uint32_t number = 2; number <= 100; number += 2) reader.maildrop->markDeleted(pop3::MessageNumber{number});
  reader.store.remove(51);
  for (std::uint32_t number = 1; number <= 100; number += 2)
    CHECK(reader.take(number) == (number == 51 ? 0 : static_cast<int>(number)));
  CHECK(reader.store.fetched == 49);
}

TEST_CASE("memory that is not there is done without, and all of it comes back", "[pop3d]") {
  Reader reader(100, 10'000, 300'000);
  std::optional others = reader.pool.share(295'000);
  for (std::uint32_t number = 1; number <= 50; ++number) CHECK(reader.take(number) == static_cast<int>(number));
  CHECK(reader.store.reads == 50);
  others.reset();
  for (std::uint32_t number = 51; number <= 100; ++number) CHECK(reader.take(number) == static_cast<int>(number));
  CHECK(reader.store.reads < 60);
  CHECK(reader.pool.share(300'000));
}

TEST_CASE("a question that fails is asked again for the next message", "[pop3d]") {
  Reader reader(100);
  CHECK(reader.take(1) == 1);
  reader.store.away = true;
  bool hasFailed = false;
  std::uint32_t number = 2;
  for (; number <= 100 && !hasFailed; ++number) {
    try {
      const int taken = reader.take(number);
      CHECK(taken == static_cast<int>(number));
    } catch (const std::runtime_error&) {
      hasFailed = true;
    }
  }
  CHECK(hasFailed);
  reader.store.away = false;
  for (--number; number <= 100; ++number) CHECK(reader.take(number) == static_cast<int>(number));
}

TEST_CASE("who takes long for each message has none read ahead", "[pop3d]") {
  Reader reader(200);
  for (std::uint32_t number = 1; number <= 100; ++number) CHECK(reader.take(number) == static_cast<int>(number));
  reader.store.fetched = 0;
  for (std::uint32_t number = 101; number <= 200; ++number) {
    reader.now += std::chrono::seconds(2);
    CHECK(reader.take(number) == static_cast<int>(number));
  }
  CHECK(reader.store.fetched == 100);
}

TEST_CASE("who takes some at a time while they are fresh has so many read", "[pop3d]") {
  Reader reader(1'000);
  for (std::uint32_t number = 1; number <= 1'000; ++number) {
    reader.now += std::chrono::milliseconds(100);
    CHECK(reader.take(number) == static_cast<int>(number));
  }
  CHECK(reader.store.fetched < 3'000);
}

TEST_CASE("RETR after TOP of each message is two reads of it, and no more", "[pop3d]") {
  Reader reader(1'000);
  for (std::uint32_t number = 1; number <= 1'000; ++number) {
    CHECK(reader.take(number) == static_cast<int>(number));
    CHECK(reader.take(number) == static_cast<int>(number));
  }
  CHECK(reader.store.fetched == 2'000);
}

TEST_CASE("what was read for a client that does not go on is let go", "[pop3d]") {
  Reader reader(100, 10'000, 300'000);
  for (std::uint32_t number = 1; number <= 4; ++number) reader.take(number);
  CHECK(reader.ahead.holdsAny());
  CHECK_FALSE(reader.pool.share(300'000));
  reader.ahead.letGo();
  CHECK(reader.pool.share(300'000));
  CHECK(reader.take(5) == 5);
}
