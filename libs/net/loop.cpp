#include "net/loop.h"

#include <cassert>
#include <csignal>

#include "async/completion.h"
#include "async/task_group.h"
#include "net/wait.h"

namespace posthouse::net {

namespace {

uv_loop_t* initialised(uv_loop_t* loop) {
  if (uv_loop_init(loop) != 0) throw std::runtime_error("cannot make an event loop");
  return loop;
}

const char* describe(Interrupt reason) {
  switch (reason) {
    case Interrupt::timeout:
      return "the wait took too long";
    case Interrupt::shutdown:
      return "shutting down";
    case Interrupt::wakeup:
      return "woken up";
  }
  return "interrupted";
}

}  // namespace

Interrupted::Interrupted(Interrupt reason) : std::runtime_error(describe(reason)), why(reason) {}

Loop::Loop() : timeouts_(initialised(&loop_)) {
  // A peer that hangs up must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  loop_.data = this;
  uv_async_init(&loop_, &wake_, [](uv_async_t* async) { static_cast<Loop*>(async->loop->data)->runPosted(); });
}

Loop::~Loop() {
  timeouts_.close();
  uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
  while (uv_run(&loop_, UV_RUN_DEFAULT) != 0) {
  }
  [[maybe_unused]] const int busy = uv_loop_close(&loop_);
  assert(busy == 0);
}

void Loop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void Loop::stop() noexcept {
  uv_stop(&loop_);
}

void Loop::post(std::move_only_function<void()> job) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(job));
  }
  if (first) uv_async_send(&wake_);
}

void Loop::runPosted() {
  std::vector<std::move_only_function<void()>> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(posted_);
  }
  for (auto& job : jobs) job();
}

namespace {

/// A timer of its own: exact to the millisecond, unlike the wheel. Freed when libuv has let go of it.
struct SleepTimer {
  uv_timer_t timer;
  Wait* wait;
};

struct SleepTimerGuard {
  SleepTimer* timer;
  ~SleepTimerGuard() {
    timer->wait = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&timer->timer),
             [](uv_handle_t* handle) { delete static_cast<SleepTimer*>(handle->data); });
  }
};

}  // namespace

Task<> Loop::sleep(std::chrono::milliseconds duration, std::stop_token stop) {
  const Patience patience(Patience::kForever, std::move(stop));
  Wait wait(*this, patience);
  auto* timer = new SleepTimer{{}, &wait};
  uv_timer_init(&loop_, &timer->timer);
  timer->timer.data = timer;
  const SleepTimerGuard guard{timer};
  // libuv counts from when this turn of the loop began, in whole milliseconds. That is not set on instead: what becomes
  // due meanwhile would run in this turn as well, and nobody else would ever have his.
  const std::uint64_t now = uv_hrtime() / 1'000'000;
  const std::uint64_t late = now - std::min(now, uv_now(&loop_));
  const auto whole = duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) + 1 + late : 0;
  uv_timer_start(
      &timer->timer,
      [](uv_timer_t* handle) {
        if (Wait* waiting = static_cast<SleepTimer*>(handle->data)->wait) waiting->finish();
      },
      whole, 0);
  co_await wait;
}

Task<> Loop::yield() {
  Event turn;
  post([&turn] { turn.set(); });
  co_await turn;
}

void Loop::runToEnd(Task<> task) {
  std::exception_ptr failure;
  TaskGroup group([&failure](std::exception_ptr error) { failure = std::move(error); });
  group.spawn(std::move(task));
  while (group.size() > 0) uv_run(&loop_, UV_RUN_ONCE);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace posthouse::net
