#pragma once
#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <utility>

#include "async/completion.h"
#include "async/task.h"

namespace posthouse {

/// Owns tasks that run beside each other on one thread. Whoever owns the group awaits drained() before letting it go:
/// what the tasks refer to must live that long.
class TaskGroup {
 public:
  /// Called with what a task threw; without it, std::terminate.
  using OnFailure = std::function<void(std::exception_ptr)>;

  explicit TaskGroup(OnFailure onFailure = {}) : onFailure_(std::move(onFailure)) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  std::size_t size() const noexcept { return running_; }

  /// Starts the task at once; it runs until its first suspension inside this call.
  void spawn(Task<> task) {
    ++running_;
    idle_.reset();
    run(std::move(task));
  }

  /// Returns when no task is left. One waiter at a time.
  Task<> drained() {
    while (running_ > 0) co_await idle_;
  }

 private:
  struct Detached {
    struct promise_type {
      Detached get_return_object() noexcept { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      void unhandled_exception() noexcept { std::terminate(); }
    };
  };

  Detached run(Task<> task) {
    try {
      // Moved into a scope of its own: the frame is gone before the group says that it is idle.
      Task<> running = std::move(task);
      co_await std::move(running);
    } catch (...) {
      if (!onFailure_) std::terminate();
      onFailure_(std::current_exception());
    }
    if (--running_ == 0) idle_.set();
  }

  OnFailure onFailure_;
  std::size_t running_ = 0;
  Event idle_;
};

}  // namespace posthouse
