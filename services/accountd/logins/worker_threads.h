#pragma once
#include <prometheus/gauge.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "async/completion.h"
#include "async/task.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// More is wanted of threads than can be done in good time: the caller says "later" to its client.
class Overloaded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Threads for jobs that block or take long, awaited from the loop. At most as many run at once as there are threads,
/// and at most `queueLimit` wait. First come, first served.
class WorkerThreads {
 public:
  /// `jobs`: what they are called, for Overloaded; `waiting` shows how many wait for a thread.
  WorkerThreads(net::Loop& loop, std::size_t threads, std::size_t queueLimit, std::string jobs,
                prometheus::Gauge& waiting);
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;
  /// Nobody may be waiting any more: a Task that has begun ends before it is destroyed.
  ~WorkerThreads();

  /// What `job()` returns or throws, on a thread. Throws Overloaded. What the job uses lives in the caller's frame,
  /// which waits until the loop has taken the answer over.
  template <class Job>
  Task<std::invoke_result_t<Job&>> run(Job job) {
    using Result = std::invoke_result_t<Job&>;
    Completion<Result> done;
    enqueue([this, &job, &done] {
      std::optional<Result> value;
      std::exception_ptr failure;
      try {
        value.emplace(job());
      } catch (...) {
        failure = std::current_exception();
      }
      loop_.post([&done, value = std::move(value), failure]() mutable {
        if (failure) {
          done.fail(failure);
        } else {
          done.complete(std::move(*value));
        }
      });
    });
    co_return co_await done;
  }

 private:
  void enqueue(std::move_only_function<void()> job);
  void work();

  net::Loop& loop_;
  const std::size_t queueLimit_;
  const std::string overloaded_;
  prometheus::Gauge& waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> jobs_;  // guarded by mutex_
  bool closing_ = false;                              // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace posthouse::accountd
