#pragma once
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "async/completion.h"
#include "async/task.h"
#include "async/task_group.h"

namespace posthouse {

/// A task that goes on beside whoever started it, and whose value is asked for later, or never. May be let go at any
/// time: the task then runs to its end in the group, which keeps alive what it refers to.
template <class T>
class Started {
 public:
  Started(TaskGroup& group, Task<T> task) : end_(std::make_shared<Completion<T>>()) {
    group.spawn(run(std::move(task), end_));
  }

  bool isDone() const noexcept { return end_->isComplete(); }

  /// Its value or its exception. Once, by one waiter.
  Task<T> value() && {
    const std::shared_ptr<Completion<T>> end = std::move(end_);
    co_return co_await *end;
  }

 private:
  static Task<> run(Task<T> task, std::shared_ptr<Completion<T>> end) {
    std::optional<T> value;
    std::exception_ptr failure;
    try {
      Task<T> running = std::move(task);
      value.emplace(co_await std::move(running));
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) {
      end->fail(std::move(failure));
    } else {
      end->complete(std::move(*value));
    }
  }

  std::shared_ptr<Completion<T>> end_;
};

}  // namespace posthouse
