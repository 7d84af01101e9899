#include "db/migrations.h"

#include <catch2/catch.hpp>
#include <future>
#include <thread>
#include <vector>

#include "db/connection.h"
#include "support/test_database.h"

using namespace posthouse;

namespace {

constexpr db::Migration kSteps[] = {
    {1, "beginning",
     "CREATE SCHEMA posthouse; CREATE TABLE posthouse.schema_version (version int PRIMARY KEY); CREATE TABLE log (step "
     "int)"},
    {2, "second", "INSERT INTO log VALUES (2)"},
    {3, "third", "INSERT INTO log VALUES (3)"},
};

constexpr db::Migration kStumbling[] = {
    kSteps[0],
    kSteps[1],
    {3, "stumbling", "INSERT INTO log VALUES (3); INSERT INTO log VALUES (1 / 0)"},
};

std::vector<int> steps(const std::string& url) {
  db::Connection connection(url, "look");
  std::vector<int> found;
  for (const db::Row row : db::Transaction(connection).exec("SELECT step FROM log ORDER BY step"))
    found.push_back(row.get<int>(0));
  return found;
}

/// The lock that migrators take turns by, held so that several of them stand before it.
class HeldLock {
 public:
  explicit HeldLock(const std::string& url) : connection_(url, "holder") {
    connection_.script("BEGIN");
    db::Transaction(connection_).exec("SELECT pg_advisory_xact_lock($1)", db::kMigrationLock);
  }

  /// Until so many wait for it.
  void awaitWaiters(int count) {
    const auto waiting = [this] {
      return db::Transaction(connection_)
          .exec1(
              "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid "
              "FROM pg_database WHERE datname = current_database())")[0]
          .get<int>(0);
    };
    while (waiting() < count) std::this_thread::yield();
  }

  void release() { connection_.rollback(); }

 private:
  db::Connection connection_;
};

}  // namespace

TEST_CASE("two migrators at once end with each step applied once", "[db]") {
  const std::string url = test::TestDatabase::emptyUrl();
  HeldLock lock(url);
  const auto migrate = [&] { return db::migrate(url, kSteps); };
  std::future<int> one = std::async(std::launch::async, migrate);
  std::future<int> other = std::async(std::launch::async, migrate);
  lock.awaitWaiters(2);
  lock.release();
  CHECK(one.get() + other.get() == 3);
  CHECK(db::schemaVersion(url) == 3);
  CHECK(steps(url) == std::vector{2, 3});
}

TEST_CASE("a step that fails leaves the schema at the version before, and says which one it was", "[db]") {
  const std::string url = test::TestDatabase::emptyUrl();
  std::vector<int> applied;
  const auto told = [&](const db::Migration& migration) { applied.push_back(migration.version); };
  CHECK_THROWS_WITH(db::migrate(url, kStumbling, told),
                    Catch::StartsWith("migration 3 (stumbling) failed, the schema stays at version 2: ") &&
                        Catch::Contains("division by zero"));
  CHECK(applied == std::vector{1, 2});
  CHECK(db::schemaVersion(url) == 2);
  CHECK(steps(url) == std::vector{2});

  CHECK(db::migrate(url, kSteps) == 1);  // once the step is mended
  CHECK(steps(url) == std::vector{2, 3});
}

TEST_CASE("a database that is newer than the program is left alone", "[db]") {
  const std::string url = test::TestDatabase::emptyUrl();
  db::migrate(url, kSteps);
  CHECK_THROWS_WITH(db::migrate(url, std::span(kSteps).first(2)), Catch::Contains("newer than this program's 2"));
  CHECK(db::schemaVersion(url) == 3);
}

TEST_CASE("a gap in the numbers is told, not passed over", "[db]") {
  const std::string url = test::TestDatabase::emptyUrl();
  const db::Migration kGap[] = {kSteps[0], kSteps[2]};
  CHECK_THROWS_WITH(db::migrate(url, kGap), Catch::Contains("stays at version 1: there is no migration 2"));
  CHECK(db::schemaVersion(url) == 1);
}
