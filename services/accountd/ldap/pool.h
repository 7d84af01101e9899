#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "async/completion.h"
#include "async/task.h"
#include "ldap/session.h"
#include "ldap/unavailable.h"
#include "net/loop.h"

namespace prometheus {
class Gauge;
}

namespace posthouse::accountd::ldap {

/// Threads that talk to a directory, each with a connection of its own, awaited from the loop. First come, first
/// served; at most kMostWaiting wait.
class Pool {
 public:
  static constexpr std::size_t kMostWaiting = 1'000;

  /// `busy`: the threads that work now.
  Pool(net::Loop& loop, const Settings& settings, Servers& servers, Session::Identity identity,
       prometheus::Gauge& busy);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  /// Nobody may be waiting any more.
  ~Pool();

  /// Runs `work(connection, deadline)` on a thread. Owns all that it uses: it may go on after the caller was told that
  /// it took too long. Throws Unavailable, and what `work` throws.
  template <class Work>
  Task<std::invoke_result_t<Work&, Connection&, Deadline>> run(Work work) {
    return start<std::invoke_result_t<Work&, Connection&, Deadline>>(
        [work = std::move(work)](Session& session, Deadline deadline) mutable { return session.with(deadline, work); });
  }
  /// The same for `work(deadline)`, which makes its own connections.
  template <class Work>
  Task<std::invoke_result_t<Work&, Deadline>> runAlone(Work work) {
    return start<std::invoke_result_t<Work&, Deadline>>(
        [work = std::move(work)](Session&, Deadline deadline) mutable { return work(deadline); });
  }

 private:
  template <class Value, class Work>
  Task<Value> start(Work work) {
    const Deadline deadline = std::chrono::steady_clock::now() + timeout_;
    const auto waiting = std::make_shared<Waiting<Value>>();
    loop_.timeouts().arm(*waiting, timeout_ + kGrace);
    enqueue([this, waiting, deadline, work = std::move(work)](Session& session) mutable {
      std::optional<Value> value;
      std::exception_ptr failure;
      try {
        if (std::chrono::steady_clock::now() >= deadline) throw Lost("no connection became free in time");
        value.emplace(work(session, deadline));
      } catch (...) {
        failure = std::current_exception();
      }
      loop_.post([waiting = std::move(waiting), value = std::move(value), failure]() mutable {
        waiting->disarm();
        waiting->end(std::move(value), failure);
      });
    });
    co_return co_await waiting->done;
  }

  static constexpr std::chrono::milliseconds kGrace{1000};  // what DNS may take beside
  using Job = std::move_only_function<void(Session&)>;

  template <class Value>
  struct Waiting final : net::Timeouts::Entry {
    Completion<Value> done;

    void end(std::optional<Value> value, const std::exception_ptr& failure) {
      if (done.isComplete()) return;
      if (failure) {
        done.fail(failure);
      } else {
        done.complete(std::move(*value));
      }
    }
    void expired() override {
      end(std::nullopt, std::make_exception_ptr(Unavailable("an external directory did not answer in time")));
    }
  };

  void enqueue(Job job);
  void work(Session::Identity identity);

  net::Loop& loop_;
  const Settings& settings_;
  Servers& servers_;
  const std::chrono::milliseconds timeout_;
  prometheus::Gauge& busy_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;  // guarded by mutex_
  bool closing_ = false;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace posthouse::accountd::ldap
