#pragma once
#include <prometheus/registry.h>

#include <stdexcept>
#include <utility>

#include "administration/administration.h"
#include "db/database.h"
#include "metrics.h"
#include "net/loop.h"
#include "observe/log.h"
#include "support/test_database.h"

namespace posthouse::accountd {

/// What accountd administers with: a database with its rights, and hashes that cost next to nothing.
struct Bureau {
  /// What is refused is an answer.
  template <class T>
  Answer<T> ask(Task<Answer<T>> task) {
    return loop.runUntilDone(std::move(task));
  }
  /// What is refused ends the test.
  template <class T>
  T run(Task<Answer<T>> task) {
    auto answer = ask(std::move(task));
    if (!answer) throw std::runtime_error(answer.error().text);
    return *std::move(answer);
  }

  net::Loop loop;
  test::TestDatabase testDatabase;
  prometheus::Registry registry;
  observe::LogSink sink{2, registry};
  Metrics metrics{registry};
  db::Database database{
      loop, {.url = testDatabase.urlAs("posthouse_accountd"), .applicationName = "accountd", .poolSize = 2}, registry};
  PasswordWorkers workers{loop, 1, 64, metrics.passwordQueue};
  Administration administration{database, workers, {.cost = {.passes = 1, .memory = 8 * 1024}}};
};

}  // namespace posthouse::accountd
