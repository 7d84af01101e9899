// A server that has stopped keeps its connections, and its kernel goes on acknowledging: only a deadline tells.
#include <catch2/catch.hpp>
#include <optional>

#include "async/task_group.h"
#include "number_table.h"

using namespace posthouse;
using namespace std::chrono_literals;
using db::Transaction;
using test::add;
using test::NumberTable;
using test::value;

namespace {

constexpr auto kLongest = 10s;  // many times what is allowed to a statement here, and no time for a hung one

/// Fails the test if what it lives through takes too long.
class Prompt {
 public:
  ~Prompt() { CHECK(std::chrono::steady_clock::now() - begun_ < kLongest); }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

constexpr NumberTable::Bounds kQuick{.statementTimeout = 1s};

std::int64_t valueOf(NumberTable& table) {
  return table.loop.runUntilDone(table.database.query([](Transaction& transaction) { return value(transaction); }));
}

}  // namespace

TEST_CASE("a job that a hanging server does not answer is Unavailable in time, and the next one after it succeeds",
          "[db]") {
  NumberTable table(1, kQuick);
  REQUIRE(valueOf(table) == 0);
  {
    const Prompt prompt;
    const test::HangingServer hanging;
    CHECK_THROWS_AS(table.loop.runUntilDone(table.database.transact([](Transaction& t) { add(t); })), db::Unavailable);
    CHECK_THROWS_AS(valueOf(table), db::Unavailable);  // by a connection that is not made either
  }
  table.loop.runUntilDone(table.database.transact([](Transaction& t) { add(t); }));
  CHECK(valueOf(table) == 1);
}

TEST_CASE("a hanging server takes no more than fits on the way, and that is noticed too", "[db]") {
  NumberTable table(1, kQuick);
  REQUIRE(valueOf(table) == 0);
  const std::string octets(8 << 20, 'x');
  const Prompt prompt;
  const test::HangingServer hanging;
  const auto large = [&](Transaction& t) { t.exec("SELECT length($1::bytea)", db::Octets{octets}); };
  CHECK_THROWS_AS(table.loop.runUntilDone(table.database.single(large, db::Repeat::harmless)), db::Unavailable);
}

TEST_CASE("a server that hangs in a statement that commits by itself leaves it open, unless a repeat is harmless",
          "[db]") {
  NumberTable table(1, kQuick);
  REQUIRE(valueOf(table) == 0);
  const bool isHarmless = GENERATE(false, true);
  {
    const Prompt prompt;
    const test::HangingServer hanging;
    const auto job = [](Transaction& t) { add(t); };
    if (isHarmless) {
      CHECK_THROWS_AS(table.loop.runUntilDone(table.database.single(job, db::Repeat::harmless)), db::Unavailable);
    } else {
      CHECK_THROWS_AS(table.loop.runUntilDone(table.database.single(job)), db::CommitUnknown);
    }
  }
}

TEST_CASE("a server that falls silent in the commit leaves the transaction open", "[db]") {
  NumberTable table(1, kQuick);
  std::optional<test::HangingServer> hanging;
  const Prompt prompt;
  CHECK_THROWS_AS(table.loop.runUntilDone(table.database.transact([&](Transaction& t) {
    add(t);
    hanging.emplace();
  })),
                  db::CommitUnknown);
}

TEST_CASE("who waits behind a job that hangs is Unavailable when his patience ends, and the job goes on", "[db]") {
  NumberTable table(1, {.statementTimeout = 0ms, .queuePatience = 300ms});
  REQUIRE(valueOf(table) == 0);
  int unavailable = 0;
  TaskGroup waiting([&](const std::exception_ptr& failure) {
    CHECK_THROWS_AS(std::rethrow_exception(failure), db::Unavailable);
    ++unavailable;
  });
  TaskGroup first;
  {
    const Prompt prompt;
    const test::HangingServer hanging;
    first.spawn(table.database.transact([](Transaction& t) { add(t); }));
    for (int i = 0; i < 5; ++i) waiting.spawn(table.database.transact([](Transaction& t) { add(t); }));
    table.loop.runUntilDone(waiting.drained());
  }
  CHECK(unavailable == 5);
  table.loop.runUntilDone(first.drained());
  CHECK(valueOf(table) == 1);
}

TEST_CASE("who waits for an account that hangs is told that it is busy when his patience ends", "[db]") {
  enum class Account : std::int64_t {};
  NumberTable table(2, {.statementTimeout = 0ms, .queuePatience = 300ms});
  REQUIRE(valueOf(table) == 0);
  int busy = 0;
  TaskGroup waiting([&](const std::exception_ptr& failure) {
    CHECK_THROWS_AS(std::rethrow_exception(failure), db::Busy);
    ++busy;
  });
  TaskGroup first;
  const auto job = [](Transaction& t) { add(t); };
  {
    const Prompt prompt;
    const test::HangingServer hanging;
    first.spawn(table.database.transactFor(Account{7}, job));
    for (int i = 0; i < 3; ++i) waiting.spawn(table.database.transactFor(Account{7}, job));
    table.loop.runUntilDone(waiting.drained());
  }
  CHECK(busy == 3);
  table.loop.runUntilDone(first.drained());
  table.loop.runUntilDone(table.database.transactFor(Account{7}, job));
  CHECK(valueOf(table) == 2);
}
