#pragma once
#include <prometheus/registry.h>

#include <chrono>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/database.h"
#include "net/loop.h"
#include "support/test_database.h"

namespace posthouse::test {

/// A loop and a pool on an empty database with a table of two numbers.
struct NumberTable {
  struct Bounds {
    std::chrono::milliseconds statementTimeout = std::chrono::seconds(20);
    std::chrono::milliseconds queuePatience = std::chrono::seconds(20);
    std::chrono::milliseconds connectPatience = std::chrono::milliseconds(300);
  };

  explicit NumberTable(unsigned connections = 2) : NumberTable(connections, Bounds()) {}
  NumberTable(unsigned connections, Bounds bounds)
      : url(TestDatabase::emptyUrl()),
        database(loop,
                 {.url = url,
                  .applicationName = "db_test",
                  .poolSize = connections,
                  .preparedStatements = true,
                  .onNotice = [this](const std::string& notice) { notices.push_back(notice); },
                  .connectPatience = bounds.connectPatience,
                  .lockTimeout = std::chrono::milliseconds(100),
                  .statementTimeout = bounds.statementTimeout,
                  .queuePatience = bounds.queuePatience},
                 registry) {
    db::Connection(url, "setup")
        .script(
            "CREATE TABLE number (id int PRIMARY KEY, value bigint NOT NULL); INSERT INTO number VALUES (1, 0), (2, "
            "0)");
  }

  /// Ends the server's side of every connection of the pool.
  void cutConnections() {
    db::Connection(url, "axe")
        .script("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'db_test'");
  }

  net::Loop loop;
  prometheus::Registry registry;
  std::vector<std::string> notices;  // written by pool threads, read between jobs
  std::string url;
  db::Database database;
};

inline std::int64_t value(db::Transaction& transaction, int id = 1) {
  return transaction.exec1("SELECT value FROM number WHERE id = $1", id)[0].get<std::int64_t>(0);
}

inline void add(db::Transaction& transaction, int id = 1) {
  transaction.exec("UPDATE number SET value = value + 1 WHERE id = $1", id);
}

}  // namespace posthouse::test
