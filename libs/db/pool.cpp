#include "db/pool.h"

#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <pqxx/except>
#include <random>

#include "db/errors.h"

namespace posthouse::db {
namespace {

std::minstd_rand& random() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return random;
}

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Pool::Pool(Options options, prometheus::Registry& registry)
    : options_(std::move(options)),
      metrics_(registry, options_.pool),
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
    for (Idle* idle : idle_) idle->called.notify_one();
  }
  stopped_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::submit(Job job) {
  metrics_.queueDepth.Increment();
  Idle* idle = nullptr;
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    if (idle_.empty()) return;
    idle = idle_.back();
    idle_.pop_back();
    idle->isCalled = true;
  }
  idle->called.notify_one();  // without the lock, which is the first thing that it wants
}

bool Pool::withdraw(const void* waiter) {
  const std::lock_guard lock(mutex_);
  // Among the first, because all are as patient.
  const auto job = std::ranges::find(jobs_, waiter, &Job::waiter);
  if (job == jobs_.end()) return false;
  metrics_.poolWait.Observe(secondsSince(job->asked));
  metrics_.queueDepth.Decrement();
  jobs_.erase(job);
  return true;
}

std::size_t Pool::pending() const noexcept {
  const std::lock_guard lock(mutex_);
  return jobs_.size() + running_;
}

/// Nothing when the pool ends and all is done.
std::optional<Pool::Job> Pool::next(Idle& self) {
  std::unique_lock lock(mutex_);
  while (jobs_.empty()) {
    if (stopping_) return std::nullopt;
    self.isCalled = false;
    idle_.push_back(&self);
    self.called.wait(lock, [&] { return stopping_ || self.isCalled; });
  }
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  ++running_;
  return job;
}

void Pool::serve() {
  std::unique_ptr<Connection> connection;
  Idle self;
  while (std::optional<Job> job = next(self)) {
    metrics_.queueDepth.Decrement();

    std::exception_ptr failure;
    try {
      perform(*job, connection);
    } catch (...) {
      failure = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      --running_;
    }
    job->ended(std::move(failure));
  }
  drop(connection);
}

void Pool::connect(std::unique_ptr<Connection>& connection, Clock::time_point deadline) {
  if (connection && !connection->isQuiet()) drop(connection);
  while (!connection) {
    {
      std::unique_lock lock(mutex_);
      // Others are refused meanwhile, and put the next try off.
      while (!stopping_ && Clock::now() < nextConnect_) {
        if (Clock::now() >= deadline) throw Unavailable("PostgreSQL cannot be reached");
        stopped_.wait_until(lock, std::min(deadline, nextConnect_), [this] { return stopping_; });
      }
      if (stopping_) throw Unavailable("shutting down");
    }
    try {
      connection =
          std::make_unique<Connection>(options_.url, options_.applicationName, options_.statementTimeout, &prepared_);
      metrics_.idle.Increment();
    } catch (const ConnectionLost& refused) {
      metrics_.countError("08", Clock::now() < deadline);
      stayAway();
      if (Clock::now() >= deadline) throw Unavailable(refused.what());
    }
  }
}

/// Nobody connects for a while.
void Pool::stayAway() {
  const std::lock_guard lock(mutex_);
  nextConnect_ = Clock::now() + backoff_.next(random());
  isAway_ = true;
}

/// What a job that got done says about the server.
void Pool::cameThrough() {
  if (!isAway_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  backoff_.reset();
  isAway_ = false;
}

void Pool::drop(std::unique_ptr<Connection>& connection) {
  if (!connection) return;
  connection.reset();
  metrics_.idle.Decrement();
}

}  // namespace posthouse::db
