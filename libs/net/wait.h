#pragma once
#include <coroutine>
#include <optional>
#include <utility>

#include "net/loop.h"
#include "net/patience.h"
#include "net/timeouts.h"

namespace posthouse::net {

/// One wait of a coroutine for something that a callback brings, bounded by a Patience: a local of the coroutine that
/// awaits it. `co_await wait` returns after finish(), or throws Interrupted.
class Wait final : private Timeouts::Entry {
 public:
  Wait(Loop& loop, const Patience& patience) : loop_(loop), patience_(patience) {}
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait() override { leave(); }

  /// Called by what was waited for. Resumes the coroutine inside: last in the callback.
  void finish() {
    finished_ = true;
    resume();
  }

  /// As finish(), but the coroutine resumes at the next turn of the loop.
  void cancel() noexcept;

  bool await_ready();
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume();

 private:
  friend class Wakeup;

  struct OnStop {
    Wait& wait;
    void operator()() const noexcept { wait.interrupt(Interrupt::shutdown); }
  };

  void interrupt(Interrupt reason) noexcept;
  void expired() override;
  void leave() noexcept;
  void resume() {
    if (auto waiter = std::exchange(waiter_, {})) waiter.resume();
  }

  Loop& loop_;
  const Patience& patience_;
  std::coroutine_handle<> waiter_;
  std::optional<Interrupt> interrupted_;
  std::optional<std::stop_callback<OnStop>> onStop_;
  bool finished_ = false;
};

}  // namespace posthouse::net
