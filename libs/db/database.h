#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "async/task.h"
#include "db/account_queue.h"
#include "db/errors.h"
#include "db/transaction.h"

namespace prometheus {
class Registry;
}
namespace posthouse::net {
class Loop;
}

namespace posthouse::db {

class Pool;

struct Options {
  std::string url;                // libpq: postgresql://… or key=value pairs
  std::string applicationName;    // as pg_stat_activity shows it; the program's name
  std::string pool = "database";  // what metrics call it: one of a closed list
  unsigned poolSize = 4;          // connections, and threads that use them
  /// Whether execPrepared prepares. Given up by itself where a pooler forgets what was prepared.
  bool preparedStatements = false;
  /// Told, on a pool thread, what an operator should know.
  std::function<void(const std::string&)> onNotice = {};
  /// How long a job waits for a connection while PostgreSQL cannot be reached, before it fails with Unavailable.
  std::chrono::milliseconds connectPatience{2000};
  /// How long a statement waits for a lock, before it fails with Busy.
  std::chrono::milliseconds lockTimeout{2000};
  /// How long a statement may take. Then its connection is given up, and its job fails with Unavailable or
  /// CommitUnknown. Zero: for ever.
  std::chrono::milliseconds statementTimeout{20'000};
  /// How long a job waits behind others, for its account and then for a connection, before it fails with Busy or
  /// Unavailable.
  std::chrono::milliseconds queuePatience{20'000};
};

/// Whether a job whose commit may or may not have happened is run once more.
enum class Repeat {
  never,     // CommitUnknown is thrown
  harmless,  // run again: a key in the database makes the second run do nothing
};

/// A pool of connections, each with a thread of its own, awaited from the loop. Jobs queue first come, first served.
/// Make several for work that must not wait for other work (deliveries, interactive commands, long reads): they share
/// their metrics.
///
/// Every job is a callable over db::Transaction&. It runs on a pool thread while the coroutine waits, so it may refer
/// to the coroutine's locals; it changes nothing but the database and its own result, because it is run again after a
/// deadlock, a serialization failure or a connection that was lost before the commit. What it returns resumes the
/// coroutine on the loop, what it throws is thrown from the co_await. A Task that has begun must not be destroyed
/// before it ends. A server that does not answer is waited for no longer than the options say: nobody is kept for ever.
///
/// Throws (from the co_await): Unavailable, CommitUnknown, Busy, pqxx::sql_error, and what the job throws; the last
/// rolls back.
class Database {
 public:
  /// Connects when first used. Metrics: posthouse_db_pool_wait_seconds, posthouse_db_pool_connections,
  /// posthouse_db_query_duration_seconds, posthouse_db_errors_total, posthouse_worker_queue_depth.
  Database(net::Loop& loop, Options options, prometheus::Registry& registry);
  /// Every job must have ended: drain the sessions first. Joins the threads.
  ~Database();

  /// One READ COMMITTED transaction.
  template <std::invocable<Transaction&> Job>
  Task<std::invoke_result_t<Job&, Transaction&>> transact(Job job, Repeat repeat = Repeat::never) {
    return run<std::invoke_result_t<Job&, Transaction&>>(Mode{Kind::write, repeat}, std::move(job));
  }

  /// One transaction that writes to one account: at most one such job per account runs in this process at a time, and
  /// the others queue before they take a connection, so that one busy account cannot occupy the pool (ARCHITECTURE.md,
  /// rule 4).
  template <class Account, std::invocable<Transaction&> Job>
    requires std::is_enum_v<Account>
  Task<std::invoke_result_t<Job&, Transaction&>> transactFor(Account account, Job job, Repeat repeat = Repeat::never) {
    return runFor<std::invoke_result_t<Job&, Transaction&>>(static_cast<std::int64_t>(account),
                                                            Mode{Kind::write, repeat}, std::move(job));
  }

  /// A read-only REPEATABLE READ transaction: all statements of the job see one snapshot.
  template <std::invocable<Transaction&> Job>
  Task<std::invoke_result_t<Job&, Transaction&>> query(Job job) {
    return run<std::invoke_result_t<Job&, Transaction&>>(Mode{Kind::read, Repeat::harmless}, std::move(job));
  }

  /// A job that makes exactly one statement, which is its own transaction: one round trip instead of three. For the hot
  /// calls.
  template <std::invocable<Transaction&> Job>
  Task<std::invoke_result_t<Job&, Transaction&>> single(Job job, Repeat repeat = Repeat::never) {
    return run<std::invoke_result_t<Job&, Transaction&>>(Mode{Kind::single, repeat}, std::move(job));
  }

  /// A queue for what else is to happen once at a time for an account; as patient as this database.
  AccountQueue accountQueue() const { return AccountQueue(loop_, queuePatience_); }

  /// Jobs that wait for a connection or run now.
  std::size_t pending() const noexcept;

 private:
  enum class Kind { write, read, single };
  struct Mode {
    Kind kind;
    Repeat repeat;
  };
  friend class Pool;

  /// Runs `job` on a pool thread.
  Task<> execute(Mode mode, std::function<void(Transaction&)> job);

  template <class Result, class Job>
  Task<Result> run(Mode mode, Job job) {
    if constexpr (std::is_void_v<Result>) {
      co_await execute(mode, std::ref(job));
    } else {
      std::optional<Result> result;
      co_await execute(mode, [&job, &result](Transaction& transaction) { result.emplace(job(transaction)); });
      co_return std::move(*result);
    }
  }

  template <class Result, class Job>
  Task<Result> runFor(std::int64_t account, Mode mode, Job job) {
    const AccountQueue::Turn turn = co_await accounts_.turn(account);
    co_return co_await run<Result>(mode, std::move(job));
  }

  net::Loop& loop_;
  const std::chrono::milliseconds queuePatience_;
  AccountQueue accounts_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace posthouse::db
