#pragma once
#include <prometheus/gauge.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "async/completion.h"
#include "async/task.h"
#include "crypto/password.h"
#include "logins/secrets.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// More password hashes wanted than can be made in good time: the caller says "later" to its client.
class Overloaded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Threads that do nothing but hash passwords, awaited from the loop: an argon2id takes 25 ms and 19 MiB, and the loop
/// and gRPC's threads must not. At most as many hashes run at once as there are threads, and at most `queueLimit` wait.
/// First come, first served.
class PasswordWorkers {
 public:
  /// `waiting` shows how many hashes wait for a thread.
  PasswordWorkers(net::Loop& loop, std::size_t threads, std::size_t queueLimit, prometheus::Gauge& waiting);
  PasswordWorkers(const PasswordWorkers&) = delete;
  PasswordWorkers& operator=(const PasswordWorkers&) = delete;
  /// Nobody may be waiting any more: a Task that has begun ends before it is destroyed.
  ~PasswordWorkers();

  /// Both throw Overloaded.
  Task<Secrets> derive(std::string preparedPassword, PasswordPolicy policy);
  Task<bool> verify(std::string password, std::string phc);

 private:
  template <class T, class Job>
  Task<T> run(Job job);
  void enqueue(std::move_only_function<void()> job);
  void work();

  net::Loop& loop_;
  const std::size_t queueLimit_;
  prometheus::Gauge& waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> jobs_;  // guarded by mutex_
  bool closing_ = false;                              // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace posthouse::accountd
