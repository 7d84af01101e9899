// What a conflict, a failover and a server that goes down say by their SQLSTATE, and what becomes of the job.
#include <catch2/catch.hpp>
#include <pqxx/except>

#include "number_table.h"

using namespace posthouse;
using db::Transaction;
using test::add;
using test::NumberTable;
using test::value;

namespace {

int backend(Transaction& transaction) {
  return transaction.exec1("SELECT pg_backend_pid()")[0].get<int>(0);
}

std::int64_t valueOf(NumberTable& table) {
  return table.loop.runUntilDone(table.database.query([](Transaction& transaction) { return value(transaction); }));
}

}  // namespace

TEST_CASE("a transaction that cannot be serialized is run again on the same connection", "[db]") {
  NumberTable table(1);
  std::vector<int> backends;
  const auto job = [&](Transaction& transaction) {
    transaction.script("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
    backends.push_back(backend(transaction));
    if (backends.size() == 1) db::Connection(table.url, "other").script("UPDATE number SET value = 10 WHERE id = 1");
    add(transaction);  // the first time: 40001, another has changed what its snapshot shows
  };
  table.loop.runUntilDone(table.database.transact(job));
  REQUIRE(backends.size() == 2);
  CHECK(backends[0] == backends[1]);
  CHECK(valueOf(table) == 11);
}

TEST_CASE("a transaction that never can be serialized is Busy after some attempts", "[db]") {
  NumberTable table(1);
  int runs = 0;
  const auto job = [&](Transaction& transaction) {
    ++runs;
    transaction.script("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$");
  };
  CHECK_THROWS_AS(table.loop.runUntilDone(table.database.transact(job)), db::Busy);
  CHECK(runs == 8);
}

TEST_CASE("a server that has become a standby is left for a new connection", "[db]") {
  NumberTable table(1, {.connectPatience = std::chrono::seconds(20)});
  std::vector<int> backends;
  const auto job = [&](Transaction& transaction) {
    backends.push_back(backend(transaction));
    // As through a pooler: nothing but the error itself tells.
    if (backends.size() <= 2) transaction.script("SET TRANSACTION READ ONLY");
    add(transaction);
  };
  table.loop.runUntilDone(table.database.transact(job));
  REQUIRE(backends.size() == 3);
  CHECK(backends[0] != backends[1]);
  CHECK(backends[1] != backends[2]);
  CHECK(valueOf(table) == 1);
}

TEST_CASE("where only a standby can be reached a job is Unavailable when its patience ends", "[db]") {
  NumberTable table(1);
  const auto job = [](Transaction& transaction) {
    transaction.script("SET TRANSACTION READ ONLY");
    add(transaction);
  };
  CHECK_THROWS_AS(table.loop.runUntilDone(table.database.transact(job)), db::Unavailable);
}

TEST_CASE("a job that reads and tries to write fails by itself, and its connection is kept", "[db]") {
  NumberTable table(1);
  const auto who = [](Transaction& transaction) { return backend(transaction); };
  const int before = table.loop.runUntilDone(table.database.query(who));
  CHECK_THROWS_AS(table.loop.runUntilDone(table.database.query([](Transaction& transaction) { add(transaction); })),
                  pqxx::sql_error);
  CHECK(table.loop.runUntilDone(table.database.query(who)) == before);
}

TEST_CASE("a server that goes down or starts is asked again on a new connection", "[db]") {
  const std::string state = GENERATE("57P01", "57P02", "57P03", "08006");
  CAPTURE(state);
  NumberTable table(1);
  std::vector<int> backends;
  const auto job = [&](Transaction& transaction) {
    backends.push_back(backend(transaction));
    if (backends.size() == 1) transaction.script("DO $$ BEGIN RAISE SQLSTATE '" + state + "'; END $$");
    add(transaction);
  };
  table.loop.runUntilDone(table.database.transact(job));
  REQUIRE(backends.size() == 2);
  CHECK(backends[0] != backends[1]);
  CHECK(valueOf(table) == 1);
}

TEST_CASE("a statement past the server's own statement_timeout is Unavailable, and its connection is kept", "[db]") {
  NumberTable table(1);
  std::vector<int> backends;
  const auto job = [&](Transaction& transaction) {
    backends.push_back(backend(transaction));
    transaction.script("SET LOCAL statement_timeout = 10; SELECT pg_sleep(60)");
  };
  CHECK_THROWS_AS(table.loop.runUntilDone(table.database.transact(job)), db::Unavailable);
  REQUIRE(backends.size() == 1);
  const auto who = [](Transaction& transaction) { return backend(transaction); };
  CHECK(table.loop.runUntilDone(table.database.query(who)) == backends[0]);
}
