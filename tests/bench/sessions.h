#pragma once
#include <exception>

#include "async/task_group.h"

namespace posthouse::bench {

/// Tasks that run beside each other; the first failure is what comes of all.
class Sessions {
 public:
  void spawn(Task<> session) { group_.spawn(std::move(session)); }

  /// Waits until all have ended. Throws what the first of them threw.
  Task<> join() {
    co_await group_.drained();
    if (failure_) std::rethrow_exception(std::exchange(failure_, {}));
  }

  /// Whether the others need not go on.
  bool failed() const noexcept { return failure_ != nullptr; }

 private:
  std::exception_ptr failure_;
  TaskGroup group_{[this](std::exception_ptr failure) {
    if (!failure_) failure_ = std::move(failure);
  }};
};

}  // namespace posthouse::bench
