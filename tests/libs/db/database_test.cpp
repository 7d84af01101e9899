#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <pqxx/except>
#include <ranges>
#include <thread>

#include "async/task_group.h"
#include "number_table.h"

using namespace posthouse;
using db::Transaction;
using test::add;
using test::value;
using Fixture = test::NumberTable;

TEST_CASE("a transaction runs on a pool thread and its result comes back on the loop", "[db]") {
  Fixture fixture;
  const auto here = std::this_thread::get_id();
  std::thread::id there;
  const auto result = fixture.loop.runUntilDone(fixture.database.transact([&](Transaction& transaction) {
    there = std::this_thread::get_id();
    add(transaction);
    return value(transaction);
  }));
  CHECK(result == 1);
  CHECK(there != here);
  CHECK(fixture.loop.runUntilDone(
            fixture.database.query([](Transaction& transaction) { return value(transaction); })) == 1);
  fixture.loop.runUntilDone(fixture.database.single([](Transaction& transaction) { add(transaction); }));
  CHECK(fixture.loop.runUntilDone(
            fixture.database.query([](Transaction& transaction) { return value(transaction); })) == 2);
}

TEST_CASE("jobs one after the other have a warm connection, not the next of all", "[db]") {
  constexpr int kThreads = 8, kJobs = 80;
  Fixture fixture(kThreads);
  std::map<int, int> jobs;  // of each server process
  for (int job = 0; job < kJobs; ++job)
    ++jobs[fixture.loop.runUntilDone(fixture.database.single(
        [](Transaction& transaction) { return transaction.exec1("SELECT pg_backend_pid()")[0].get<int>(0); }))];
  // The thread that was asked last may not be back yet: then it is the turn of the one before.
  CHECK(std::ranges::max(jobs | std::views::values) >= 2 * kJobs / kThreads);
}

TEST_CASE("what a job throws is thrown by the co_await, and nothing is stored", "[db]") {
  Fixture fixture;
  const auto failing = [](Transaction& transaction) {
    add(transaction);
    throw std::runtime_error("changed its mind");
  };
  CHECK_THROWS_WITH(fixture.loop.runUntilDone(fixture.database.transact(failing)), "changed its mind");
  CHECK_THROWS_AS(fixture.loop.runUntilDone(fixture.database.transact(
                      [](Transaction& transaction) { transaction.exec("INSERT INTO number VALUES (1, 5)"); })),
                  pqxx::unique_violation);
  CHECK_THROWS_AS(fixture.loop.runUntilDone(fixture.database.query([](Transaction& transaction) { add(transaction); })),
                  pqxx::sql_error);
  CHECK(fixture.loop.runUntilDone(
            fixture.database.query([](Transaction& transaction) { return value(transaction); })) == 0);
}

TEST_CASE("a job that hides a failed statement does not count as done", "[db]") {
  Fixture fixture;
  CHECK_THROWS_AS(fixture.loop.runUntilDone(fixture.database.transact([](Transaction& transaction) {
    try {
      transaction.exec("SELECT nonsense");
    } catch (const pqxx::sql_error&) {
    }
  })),
                  std::logic_error);
}

TEST_CASE("a deadlock is fought out and both jobs get done", "[db]") {
  Fixture fixture;
  std::atomic<int> arrived = 0;
  const auto crossing = [&](int first, int second) {
    return [&arrived, first, second](Transaction& transaction) {
      transaction.script("SET LOCAL lock_timeout = 0; SET LOCAL deadlock_timeout = '10ms'");
      add(transaction, first);
      if (++arrived <= 2) {
        while (arrived < 2) std::this_thread::yield();
      }
      add(transaction, second);
    };
  };
  TaskGroup group;
  group.spawn(fixture.database.transact(crossing(1, 2)));
  group.spawn(fixture.database.transact(crossing(2, 1)));
  fixture.loop.runUntilDone(group.drained());
  CHECK(arrived >= 3);
  CHECK(fixture.loop.runUntilDone(
            fixture.database.query([](Transaction& transaction) { return value(transaction); })) == 2);
}

TEST_CASE("a lock that is not granted in time is Busy", "[db]") {
  Fixture fixture;
  db::Connection other(fixture.url, "other");
  other.script("BEGIN; UPDATE number SET value = 7 WHERE id = 1");
  CHECK_THROWS_AS(
      fixture.loop.runUntilDone(fixture.database.transact([](Transaction& transaction) { add(transaction); })),
      db::Busy);
}

TEST_CASE("a connection that was cut while idle is replaced unnoticed", "[db]") {
  Fixture fixture(1);
  fixture.loop.runUntilDone(fixture.database.transact([](Transaction& transaction) { add(transaction); }));
  fixture.cutConnections();
  fixture.loop.runUntilDone(fixture.database.single([](Transaction& transaction) { add(transaction); }));
  fixture.cutConnections();
  fixture.loop.runUntilDone(fixture.database.transact([](Transaction& transaction) { add(transaction); }));
  CHECK(fixture.loop.runUntilDone(
            fixture.database.query([](Transaction& transaction) { return value(transaction); })) == 3);
}

TEST_CASE("a connection lost before the commit means running again", "[db]") {
  Fixture fixture(1);
  int runs = 0;
  fixture.loop.runUntilDone(fixture.database.transact([&](Transaction& transaction) {
    add(transaction);
    if (++runs == 1) fixture.cutConnections();
    add(transaction);
  }));
  CHECK(runs == 2);
  CHECK(fixture.loop.runUntilDone(
            fixture.database.query([](Transaction& transaction) { return value(transaction); })) == 2);
}

TEST_CASE("a connection lost in a statement that commits by itself leaves it open, unless a repeat is harmless",
          "[db]") {
  Fixture fixture(1);
  int runs = 0;
  const auto job = [&](Transaction& transaction) {
    if (++runs % 2 == 1) {
      transaction.exec("SELECT pg_terminate_backend(pg_backend_pid())");
    } else {
      add(transaction);
    }
  };
  CHECK_THROWS_AS(fixture.loop.runUntilDone(fixture.database.single(job)), db::CommitUnknown);
  CHECK(runs == 1);
  runs = 0;
  fixture.loop.runUntilDone(fixture.database.single(job, db::Repeat::harmless));
  CHECK(runs == 2);
}

TEST_CASE("without a server a job fails as Unavailable when its patience ends", "[db]") {
  net::Loop loop;
  prometheus::Registry registry;
  db::Database database(loop,
                        {.url = "host=/nowhere",
                         .applicationName = "db_test",
                         .poolSize = 1,
                         .connectPatience = std::chrono::milliseconds(100),
                         .lockTimeout = {}},
                        registry);
  CHECK_THROWS_AS(loop.runUntilDone(database.transact([](Transaction& transaction) { add(transaction); })),
                  db::Unavailable);
  CHECK(database.pending() == 0);
}

TEST_CASE("no job gives up before its patience ends because others were refused as well", "[db]") {
  net::Loop loop;
  prometheus::Registry registry;
  constexpr std::chrono::milliseconds kPatience{500};
  db::Database database(loop,
                        {.url = "host=/nowhere",
                         .applicationName = "db_test",
                         .poolSize = 8,
                         .connectPatience = kPatience,
                         .lockTimeout = {}},
                        registry);
  std::vector<std::chrono::steady_clock::duration> waited;
  const auto job = [&]() -> Task<> {
    const auto begun = std::chrono::steady_clock::now();
    try {
      co_await database.transact([](Transaction& transaction) { add(transaction); });
    } catch (const db::Unavailable&) {
      waited.push_back(std::chrono::steady_clock::now() - begun);
    }
  };
  TaskGroup group;
  for (int i = 0; i < 8; ++i) group.spawn(job());
  loop.runUntilDone(group.drained());
  REQUIRE(waited.size() == 8);
  CHECK(std::ranges::min(waited) >= kPatience);
}

TEST_CASE("writers of one account take turns before they take a connection", "[db]") {
  Fixture fixture(2);
  enum class Account : std::int64_t {};
  std::atomic<int> inside = 0;
  std::atomic<bool> met = false;
  std::vector<int> order;  // guarded by the turns
  const auto job = [&](int number) {
    return [&, number](Transaction& transaction) {
      if (++inside > 1) met = true;
      order.push_back(number);
      add(transaction);
      --inside;
    };
  };
  TaskGroup group;
  for (int i = 0; i < 10; ++i) group.spawn(fixture.database.transactFor(Account{7}, job(i)));
  fixture.loop.runUntilDone(group.drained());
  CHECK_FALSE(met);
  CHECK(std::ranges::is_sorted(order));
  CHECK(order.size() == 10);
}

TEST_CASE("values travel both ways as they are", "[db]") {
  Fixture fixture;
  fixture.loop.runUntilDone(fixture.database.transact([](Transaction& transaction) {
    const std::string octets("\0\xff'\\", 4);
    const auto date = std::chrono::system_clock::time_point(std::chrono::microseconds(1'234'567'890'123'456));
    const auto rows = transaction.exec1(
        "SELECT $1::bytea, $2::text, $3::timestamptz, $4::boolean, $5::float8, $6::int, $7::bigint, $8::smallint, "
        "$9::timestamptz",
        db::Octets{octets}, "it's", date, true, 2.5, std::optional<int>(), -5'000'000'000, 3,
        std::chrono::system_clock::time_point::max());
    CHECK(rows[0].get<std::string>(0) == octets);
    CHECK(rows[0].get<std::string>(1) == "it's");
    CHECK(rows[0].get<std::chrono::system_clock::time_point>(2) == date);
    CHECK(rows[0].get<bool>(3));
    CHECK(rows[0].get<double>(4) == 2.5);
    CHECK_FALSE(rows[0].get<std::optional<int>>(5));
    CHECK_THROWS_AS(rows[0].get<int>(5), std::logic_error);
    CHECK(rows[0].get<std::int64_t>(6) == -5'000'000'000);
    CHECK(rows[0].get<int>(7) == 3);
    CHECK(rows[0].get<std::chrono::system_clock::time_point>(8) == std::chrono::system_clock::time_point::max());

    const auto lists = transaction.exec1(
        "SELECT array_length($1::text[], 1), ($1::text[])[2], ($2::bytea[])[1], ($3::bigint[])[2], "
        "array_length($4::text[], 1)",
        std::vector<std::string>{"a,b", "\"{}"}, std::vector<db::Octets>{{octets}}, std::vector<int>{1, -2},
        std::vector<std::string>{});
    CHECK(lists[0].get<int>(0) == 2);
    CHECK(lists[0].get<std::string>(1) == "\"{}");
    CHECK(lists[0].get<std::string>(2) == octets);
    CHECK(lists[0].get<std::int64_t>(3) == -2);
    CHECK(lists[0].isNull(4));
  }));
}

TEST_CASE("what is hot is prepared, once a connection", "[db]") {
  Fixture fixture(1);
  constexpr std::string_view kHot = "UPDATE number SET value = value + $1 WHERE id = 1 RETURNING value";
  const auto hot = [&](Transaction& transaction) {
    return transaction.execPrepared(kHot, std::int64_t{1})[0].get<std::int64_t>(0);
  };
  const auto prepared = [&] {
    return fixture.loop.runUntilDone(fixture.database.query([](Transaction& transaction) {
      return transaction.exec1("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'posthouse%'")[0].get<int>(
          0);
    }));
  };
  for (int i = 1; i <= 3; ++i) CHECK(fixture.loop.runUntilDone(fixture.database.single(hot)) == i);
  CHECK(fixture.loop.runUntilDone(fixture.database.transact(hot)) == 4);
  CHECK(prepared() == 1);

  SECTION("a statement that fails by itself stays prepared") {
    const auto fails = [](Transaction& transaction) { transaction.execPrepared("SELECT 1 / $1::int", 0); };
    CHECK_THROWS_AS(fixture.loop.runUntilDone(fixture.database.single(fails)), pqxx::sql_error);
    CHECK(prepared() == 2);
  }
  SECTION("a pooler that forgets is noticed, and the job done all the same") {
    const bool inTransaction = GENERATE(false, true);
    const auto forget = [](Transaction& transaction) { transaction.script("DEALLOCATE ALL"); };
    fixture.loop.runUntilDone(fixture.database.transact(forget));
    if (inTransaction) {
      CHECK(fixture.loop.runUntilDone(fixture.database.transact(hot)) == 5);
    } else {
      CHECK(fixture.loop.runUntilDone(fixture.database.single(hot)) == 5);
    }
    CHECK(fixture.loop.runUntilDone(fixture.database.single(hot)) == 6);
    CHECK(prepared() == 0);
    REQUIRE(fixture.notices.size() == 1);
    CHECK_THAT(fixture.notices[0], Catch::Contains("unprepared"));
  }
  SECTION("a result that changes with the schema is prepared anew") {
    const auto all = [](Transaction& transaction) { return transaction.execPrepared("SELECT * FROM number").size(); };
    CHECK(fixture.loop.runUntilDone(fixture.database.single(all)) == 2);
    db::Connection(fixture.url, "migration").script("ALTER TABLE number ADD COLUMN another int");
    CHECK(fixture.loop.runUntilDone(fixture.database.single(all)) == 2);
    CHECK(fixture.notices.empty());
    CHECK(prepared() == 1);
  }
}
