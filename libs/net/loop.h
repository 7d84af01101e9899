#pragma once
#include <uv.h>

#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "async/task.h"
#include "net/patience.h"
#include "net/timeouts.h"

namespace posthouse::net {

/// The event loop of the process (libuv). One thread runs it, and everything that is made on it is used by that thread
/// only.
class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  uv_loop_t* uv() noexcept { return &loop_; }
  Timeouts& timeouts() noexcept { return timeouts_; }

  /// Runs until stop().
  void run();
  void stop() noexcept;

  /// Runs `job` on the loop's thread, in the order of posting. May be called from any thread, for as long as the loop
  /// exists.
  void post(std::move_only_function<void()> job);

  /// For `duration` at least, and up to two milliseconds more. Throws Interrupted when the token is pulled.
  Task<> sleep(std::chrono::milliseconds duration, std::stop_token stop = {});
  /// Lets the others on this loop have a turn: between the slices of long work.
  Task<> yield();

  /// Runs the loop until the task has ended; hands on its value or exception. For main functions and tests.
  template <class T>
  T runUntilDone(Task<T> task);

 private:
  template <class T>
  static Task<> capture(Task<T> task, std::optional<T>& value);
  void runToEnd(Task<> task);
  void runPosted();

  uv_loop_t loop_;
  uv_async_t wake_;
  Timeouts timeouts_;
  std::mutex mutex_;
  std::vector<std::move_only_function<void()>> posted_;  // guarded by mutex_
};

template <class T>
Task<> Loop::capture(Task<T> task, std::optional<T>& value) {
  value.emplace(co_await std::move(task));
}

template <class T>
T Loop::runUntilDone(Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    runToEnd(std::move(task));
  } else {
    std::optional<T> value;
    runToEnd(capture(std::move(task), value));
    return std::move(*value);
  }
}

}  // namespace posthouse::net
