#include <fmt/format.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include "checks/checks.h"
#include "db/database.h"
#include "db/migrations.h"
#include "net/loop.h"
#include "store/migrations.h"

namespace posthouse::mailctl {
namespace {

constexpr int kOldestServer = 150'000;  // as server_version_num
constexpr std::chrono::seconds kMostClockDifference{5};

struct Server {
  int schema = 0;
  int version = 0;
  std::string versionText;
  std::chrono::system_clock::time_point now;
  bool isDurable = false;
};

Server look(db::Transaction& transaction) {
  const db::Rows rows = transaction.exec1(R"sql(
    SELECT current_setting('server_version_num')::int, current_setting('server_version'), clock_timestamp(),
           current_setting('fsync')::boolean AND current_setting('full_page_writes')::boolean
             AND current_setting('synchronous_commit') <> 'off')sql");
  const db::Row row = rows[0];
  return {db::schemaVersion(transaction), row.get<int>(0), row.get<std::string>(1),
          row.get<std::chrono::system_clock::time_point>(2), row.get<bool>(3)};
}

Finding schema(int there) {
  const int known = store::schemaVersion();
  const std::string what = fmt::format("the schema is at version {}", there);
  if (there == known) return {Grade::ok, "database", what, ""};
  if (there < known)
    return {Grade::fail, "database", fmt::format("{}, the programs need {}", what, known), "mailctl db migrate"};
  return {Grade::fail, "database", fmt::format("{}, newer than this mailctl ({})", what, known),
          "install the newer programs"};
}

Finding clockDifference(std::chrono::system_clock::time_point theirs) {
  const auto difference = std::chrono::abs(std::chrono::system_clock::now() - theirs);
  const double seconds = std::chrono::duration<double>(difference).count();
  if (difference <= kMostClockDifference)
    return {Grade::ok, "clock", fmt::format("this machine and PostgreSQL differ by {:.1f} s", seconds), ""};
  return {Grade::fail, "clock", fmt::format("this machine and PostgreSQL differ by {:.1f} s", seconds),
          "let chrony or systemd-timesyncd set both clocks"};
}

}  // namespace

Findings checkDatabase(Context& context) {
  try {
    net::Loop loop;
    prometheus::Registry registry;
    db::Database database(loop, {.url = context.databaseUrl(), .applicationName = "mailctl doctor", .poolSize = 1},
                          registry);
    const Server server = loop.runUntilDone(database.query(look));
    Findings findings{{Grade::ok, "database", fmt::format("PostgreSQL {} answers", server.versionText), ""}};
    if (server.version < kOldestServer)
      findings.push_back({Grade::fail, "database", fmt::format("PostgreSQL {} is too old", server.versionText),
                          "use PostgreSQL 15 or later"});
    findings.push_back(schema(server.schema));
    if (server.isDurable) {
      findings.push_back({Grade::ok, "database", "what is committed survives a crash", ""});
    } else {
      findings.push_back({Grade::fail, "database",
                          "fsync, full_page_writes or synchronous_commit is off: a crash loses mail that was accepted",
                          "switch all three on in postgresql.conf"});
    }
    findings.push_back(clockDifference(server.now));
    return findings;
  } catch (const std::exception& error) {
    return {{Grade::fail, "database", error.what(), "start PostgreSQL, or correct [database] url"}};
  }
}

}  // namespace posthouse::mailctl
