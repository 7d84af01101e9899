#include "db/migrations.h"

#include <stdexcept>

#include "db/connection.h"
#include "db/errors.h"

namespace posthouse::db {
namespace {

constexpr std::string_view kApplication = "posthouse migrations";

Connection connectTo(const std::string& url) try {
  return Connection(url, kApplication);
} catch (const ConnectionLost& lost) {
  throw Unavailable(lost.what());
}

void apply(const Migration& step, Transaction& transaction) try {
  transaction.script(step.sql);
  transaction.exec("INSERT INTO posthouse.schema_version (version) VALUES ($1)", step.version);
} catch (const std::exception& failure) {
  throw std::runtime_error("migration " + std::to_string(step.version) + " (" + std::string(step.name) +
                           ") failed, the schema stays at version " + std::to_string(step.version - 1) + ": " +
                           failure.what());
}

}  // namespace

int schemaVersion(Transaction& transaction) {
  const Rows there = transaction.exec1("SELECT to_regclass('posthouse.schema_version') IS NOT NULL");
  if (!there[0].get<bool>(0)) return 0;
  return transaction.exec1("SELECT coalesce(max(version), 0) FROM posthouse.schema_version")[0].get<int>(0);
}

int schemaVersion(const std::string& url) {
  Connection connection = connectTo(url);
  Transaction transaction(connection);
  return schemaVersion(transaction);
}

int migrate(const std::string& url, std::span<const Migration> migrations,
            const std::function<void(const Migration&)>& applied) {
  Connection connection = connectTo(url);
  int count = 0;
  for (;;) {
    connection.script("BEGIN");
    Transaction transaction(connection);
    transaction.exec("SELECT pg_advisory_xact_lock($1)", kMigrationLock);
    const int version = schemaVersion(transaction);
    if (!migrations.empty() && version > migrations.back().version) {
      throw std::runtime_error("the database has schema " + std::to_string(version) + ", newer than this program's " +
                               std::to_string(migrations.back().version));
    }
    const Migration* next = nullptr;
    for (const Migration& migration : migrations) {
      if (migration.version == version + 1) next = &migration;
    }
    if (!next && !migrations.empty() && version < migrations.back().version) {
      throw std::runtime_error("the schema stays at version " + std::to_string(version) + ": there is no migration " +
                               std::to_string(version + 1) + " on the way to " +
                               std::to_string(migrations.back().version));
    }
    if (!next) return count;
    apply(*next, transaction);
    connection.commit();
    applied(*next);
    ++count;
  }
}

}  // namespace posthouse::db
