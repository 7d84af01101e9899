#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "db/transaction.h"

namespace posthouse::db {

/// One numbered step of the schema: plain SQL, run once, in its own transaction.
struct Migration {
  int version;  // 1, 2, 3 …
  std::string_view name;
  std::string_view sql;
};

/// What programs that migrate one database take turns by.
constexpr std::int64_t kMigrationLock = 0x706f7374686f7573;  // "posthous"

/// The version that the database is at, 0 if it has none of ours. Any role may ask.
int schemaVersion(Transaction& transaction);

/// Brings the database to the newest of `migrations` (ascending) and returns how many were run. Blocks; several
/// programs may call it at once: they take turns by pg_advisory_xact_lock. The user of `url` must be a superuser, or
/// posthouse_owner with CREATEROLE. `applied` is told of each. A step has all of the time it wants. Throws Unavailable,
/// or std::runtime_error if a step fails, which leaves the schema as the steps before it made it, or if the database is
/// newer than this program.
int migrate(
    const std::string& url, std::span<const Migration> migrations,
    const std::function<void(const Migration&)>& applied = [](const Migration&) {});

/// schemaVersion over a connection of its own. Blocks.
int schemaVersion(const std::string& url);

}  // namespace posthouse::db
