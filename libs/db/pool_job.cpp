// A job of a pool, from the connection to its end: its transaction, and what its failures mean.
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <pqxx/except>

#include "db/errors.h"
#include "db/pool.h"

namespace posthouse::db {
namespace {

constexpr int kMaxAttempts = 8;
constexpr std::string_view kReadOnlyTransaction = "25006";

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

void Pool::perform(Job& job, std::unique_ptr<Connection>& connection) {
  connect(connection, job.asked + options_.connectPatience);
  metrics_.poolWait.Observe(secondsSince(job.asked));
  const Metrics::Durations& durations = durationsOf(job.mode.kind);
  const Clock::time_point begun = Clock::now();
  try {
    run(job, connection);
  } catch (...) {
    durations.error.Observe(secondsSince(begun));
    throw;
  }
  durations.ok.Observe(secondsSince(begun));
  cameThrough();
}

void Pool::run(Job& job, std::unique_ptr<Connection>& connection) {
  thread_local std::minstd_rand random{std::random_device{}()};
  for (int number = 1;; ++number) {
    metrics_.idle.Decrement();
    metrics_.used.Increment();
    if (attempt(job, connection, number) == Attempt::done) return;
    std::this_thread::sleep_for(pauseBefore(number, random));
    connect(connection, job.asked + options_.connectPatience);
  }
}

Pool::Attempt Pool::attempt(Job& job, std::unique_ptr<Connection>& connection, int number) {
  // Whatever happens, the connection is idle or gone afterwards.
  struct GiveBack {
    Pool& pool;
    std::unique_ptr<Connection>& connection;
    bool isLost = false;
    ~GiveBack() {
      if (!isLost) try {
          connection->rollback();
        } catch (const std::exception&) {
          isLost = true;
        }
      pool.metrics_.used.Decrement();
      pool.metrics_.idle.Increment();
      if (isLost) pool.drop(connection);
    }
  } giveBack{*this, connection};

  bool inDoubt = false;
  const bool mayRepeat = number < kMaxAttempts;
  const auto isUnknown = [&] {
    return inDoubt && job.mode.kind != Database::Kind::read && job.mode.repeat == Repeat::never;
  };
  try {
    runIn(*connection, job, inDoubt);
    return Attempt::done;
  } catch (const NoAnswer& silence) {
    // Not again: who waits for the job has waited for long enough.
    giveBack.isLost = true;
    metrics_.countError("08", false);
    if (isUnknown()) throw CommitUnknown(silence.what());
    throw Unavailable(silence.what());
  } catch (const ConnectionLost& lost) {
    giveBack.isLost = true;
    metrics_.countError("08", !isUnknown() && mayRepeat);
    if (isUnknown()) throw CommitUnknown(lost.what());
    if (!mayRepeat) throw Unavailable(lost.what());
    return Attempt::again;
  } catch (const Conflict& conflict) {
    metrics_.countError("40", mayRepeat);
    if (!mayRepeat) throw Busy(conflict.what());
    return Attempt::again;
  } catch (const StatementForgotten& forgotten) {
    giveBack.isLost = true;  // together with what else it may have prepared
    metrics_.countError("26", mayRepeat);
    if (!mayRepeat) throw Unavailable(forgotten.what());
    return Attempt::again;
  } catch (const Busy&) {
    metrics_.countError("55", false);
    throw;
  } catch (const Unavailable&) {
    metrics_.countError("57", false);
    throw;
  } catch (const pqxx::sql_error& error) {
    // A server that took writes has become a standby: the connection leads to the wrong one, and for as long as the
    // patience lasts another may lead to the right one.
    const bool isStandby = error.sqlstate() == kReadOnlyTransaction && job.mode.kind != Database::Kind::read;
    metrics_.countError(error.sqlstate(), isStandby);
    if (!isStandby) throw;
    giveBack.isLost = true;
    stayAway();
    return Attempt::again;
  }
}

/// `inDoubt` becomes true when a lost connection leaves open whether the job's effects are stored.
void Pool::runIn(Connection& connection, const Job& job, bool& inDoubt) {
  Transaction transaction(connection);
  switch (job.mode.kind) {
    case Database::Kind::single:
      inDoubt = true;
      job.work(transaction);
      return;
    case Database::Kind::read:
      connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      break;
    case Database::Kind::write:
      connection.script(beginWrite_);
      break;
  }
  job.work(transaction);
  inDoubt = true;
  if (!connection.commit()) throw std::logic_error("a statement of the transaction failed and the job went on");
}

const Metrics::Durations& Pool::durationsOf(Database::Kind kind) const noexcept {
  switch (kind) {
    case Database::Kind::write:
      return metrics_.write;
    case Database::Kind::read:
      return metrics_.read;
    case Database::Kind::single:
      break;
  }
  return metrics_.single;
}

}  // namespace posthouse::db
