#include "db/pool.h"

#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <pqxx/except>
#include <random>

#include "db/errors.h"

namespace posthouse::db {
namespace {

using namespace std::chrono_literals;

constexpr int kMaxAttempts = 8;
constexpr auto kFirstBackoff = 20ms;
constexpr auto kLongestBackoff = 1s;

/// Long enough that two jobs that met do not meet again, growing with the number of the attempt.
std::chrono::microseconds pause(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::chrono::microseconds(std::uniform_int_distribution<int>(200, 2000 * attempt)(random));
}

}  // namespace

Pool::Pool(Options options, prometheus::Registry& registry)
    : options_(std::move(options)),
      metrics_(registry),
      beginWrite_("BEGIN; SET LOCAL lock_timeout = " + std::to_string(options_.lockTimeout.count())),
      prepared_(options_.preparedStatements, [this](const std::string& why) {
        if (options_.onNotice) options_.onNotice("statements are sent unprepared from now on: " + why);
      }) {
  for (unsigned i = 0; i < std::max(1U, options_.poolSize); ++i) threads_.emplace_back([this] { serve(); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

std::size_t Pool::pending() const noexcept {
  const std::lock_guard lock(mutex_);
  return jobs_.size() + running_;
}

void Pool::serve() {
  std::unique_ptr<Connection> connection;
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) break;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    ++running_;
    lock.unlock();

    std::exception_ptr failure;
    try {
      perform(job, connection);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    --running_;
    lock.unlock();
    job.ended(std::move(failure));
  }
  drop(connection);
}

void Pool::perform(Job& job, std::unique_ptr<Connection>& connection) {
  for (int number = 1;; ++number) {
    connect(connection, job.asked + options_.connectPatience);
    if (number == 1) metrics_.poolWait.Observe(std::chrono::duration<double>(Clock::now() - job.asked).count());
    metrics_.idle.Decrement();
    metrics_.used.Increment();
    const Attempt outcome = attempt(job, connection, number);
    if (outcome == Attempt::done) return;
    std::this_thread::sleep_for(pause(number));
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
  try {
    runIn(*connection, job, inDoubt);
    return Attempt::done;
  } catch (const ConnectionLost& lost) {
    giveBack.isLost = true;
    const bool isUnknown = inDoubt && job.mode.kind != Database::Kind::read && job.mode.repeat == Repeat::never;
    metrics_.countError("08", !isUnknown && mayRepeat);
    if (isUnknown) throw CommitUnknown(lost.what());
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
  } catch (const pqxx::sql_error& error) {
    metrics_.countError(error.sqlstate(), false);
    throw;
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

void Pool::connect(std::unique_ptr<Connection>& connection, Clock::time_point deadline) {
  if (connection && !connection->isQuiet()) drop(connection);
  while (!connection) {
    {
      std::unique_lock lock(mutex_);
      const auto until = std::min(deadline, nextConnect_);
      if (changed_.wait_until(lock, until, [this] { return stopping_; })) throw Unavailable("shutting down");
      if (Clock::now() < nextConnect_) throw Unavailable("PostgreSQL cannot be reached");
    }
    try {
      connection = std::make_unique<Connection>(options_.url, options_.applicationName, &prepared_);
      metrics_.idle.Increment();
      const std::lock_guard lock(mutex_);
      backoff_ = {};
    } catch (const ConnectionLost& refused) {
      metrics_.countError("08", Clock::now() < deadline);
      const std::lock_guard lock(mutex_);
      backoff_ =
          std::min<Clock::duration>(kLongestBackoff, backoff_ == Clock::duration{} ? kFirstBackoff : backoff_ * 2);
      nextConnect_ = Clock::now() + backoff_;
      if (Clock::now() >= deadline) throw Unavailable(refused.what());
    }
  }
}

void Pool::drop(std::unique_ptr<Connection>& connection) {
  if (!connection) return;
  connection.reset();
  metrics_.idle.Decrement();
}

}  // namespace posthouse::db
