#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "db/backoff.h"
#include "db/connection.h"
#include "db/database.h"
#include "db/metrics.h"

namespace posthouse::db {

/// The threads of a Database, each with its connection, and the jobs that wait for one.
class Pool {
 public:
  struct Job {
    Database::Mode mode;
    const void* waiter;  // names the job to withdraw()
    std::function<void(Transaction&)> work;
    std::move_only_function<void(std::exception_ptr)> ended;  // on the pool's thread; null: done
    std::chrono::steady_clock::time_point asked = std::chrono::steady_clock::now();
  };

  Pool(Options options, prometheus::Registry& registry);
  ~Pool();

  void submit(Job job);
  /// Takes a job back that no thread has taken yet; false if one has. `ended` is then not called.
  bool withdraw(const void* waiter);
  std::size_t pending() const noexcept;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Attempt { done, again };
  /// A thread that waits for a job.
  struct Idle {
    std::condition_variable called;
    bool isCalled = false;
  };

  void serve();
  std::optional<Job> next(Idle& self);
  void perform(Job& job, std::unique_ptr<Connection>& connection);
  void run(Job& job, std::unique_ptr<Connection>& connection);
  Attempt attempt(Job& job, std::unique_ptr<Connection>& connection, int number);
  void runIn(Connection& connection, const Job& job, bool& inDoubt);
  void connect(std::unique_ptr<Connection>& connection, Clock::time_point deadline);
  void drop(std::unique_ptr<Connection>& connection);
  const Metrics::Durations& durationsOf(Database::Kind kind) const noexcept;
  void stayAway();
  void cameThrough();

  const Options options_;
  Metrics metrics_;
  const std::string beginWrite_;
  PreparedStatements prepared_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable stopped_;
  std::deque<Job> jobs_;
  std::vector<Idle*> idle_;  // the last to come is the first to go: its connection, and what serves that, are warm
  std::size_t running_ = 0;
  bool stopping_ = false;
  Clock::time_point nextConnect_{};  // no attempt before: PostgreSQL just refused one
  Backoff backoff_;

  std::atomic<bool> isAway_ = false;  // the last to connect was refused

  std::vector<std::thread> threads_;
};

}  // namespace posthouse::db
