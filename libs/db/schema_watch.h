#pragma once
#include <fmt/core.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <chrono>
#include <exception>
#include <optional>
#include <stop_token>
#include <string>

#include "async/task.h"
#include "db/database.h"
#include "db/migrations.h"
#include "net/loop.h"
#include "net/patience.h"

namespace posthouse::db {

/// Keeps asking the database for its schema version, so that /readyz can say at once whether the program can work:
///
///   db::SchemaWatch watch(loop, database, store::schemaVersion(), registry);
///   daemon.readiness().add("database", [&] { return watch.objection(); });
///   background.spawn(watch.run(daemon.draining()));
///
/// Ready means: answered lately, at this version or the next (migrations expand before they contract).
class SchemaWatch {
 public:
  /// Metric: posthouse_db_schema_version.
  SchemaWatch(net::Loop& loop, Database& database, int wanted, prometheus::Registry& registry)
      : loop_(loop),
        database_(database),
        wanted_(wanted),
        found_(prometheus::BuildGauge()
                   .Name("posthouse_db_schema_version")
                   .Help("The schema that the database has; 0 until it has been asked.")
                   .Register(registry)
                   .Add({})) {}

  /// Until `stop` is pulled.
  Task<> run(std::stop_token stop) {
    try {
      while (true) {
        co_await ask();
        co_await loop_.sleep(kInterval, stop);
      }
    } catch (const net::Interrupted&) {
      co_return;
    }
  }

  /// Why the program cannot work; nothing if it can.
  std::optional<std::string> objection() const {
    if (!failure_.empty()) return failure_;
    if (!version_) return "not asked yet";
    if (std::chrono::steady_clock::now() - answeredAt_ > kPatience) return "no answer for more than 10 s";
    if (*version_ < wanted_)
      return fmt::format("the schema is at version {}, this program needs {}; run: mailctl db migrate", *version_,
                         wanted_);
    if (*version_ > wanted_ + 1)
      return fmt::format("the schema is at version {}, this program knows {}; install the newer program", *version_,
                         wanted_);
    return std::nullopt;
  }

 private:
  static constexpr std::chrono::milliseconds kInterval{3'000};
  static constexpr std::chrono::seconds kPatience{10};

  Task<> ask() {
    try {
      version_ = co_await database_.query([](Transaction& transaction) { return schemaVersion(transaction); });
      answeredAt_ = std::chrono::steady_clock::now();
      found_.Set(*version_);
      failure_.clear();
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  }

  net::Loop& loop_;
  Database& database_;
  const int wanted_;
  prometheus::Gauge& found_;
  std::optional<int> version_;
  std::chrono::steady_clock::time_point answeredAt_;
  std::string failure_;
};

}  // namespace posthouse::db
