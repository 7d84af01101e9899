#pragma once
#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace posthouse {

/// One value (or exception) that a callback hands to one waiting coroutine, both on the same thread.
/// May be completed before it is awaited. The coroutine resumes inside complete(): call it last in the callback.
template <class T>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  bool isComplete() const noexcept { return result_.index() != 0; }

  void complete(T value) {
    assert(!isComplete());
    result_.template emplace<1>(std::move(value));
    if (auto waiter = std::exchange(waiter_, {})) waiter.resume();
  }

  void fail(std::exception_ptr failure) {
    assert(!isComplete());
    result_.template emplace<2>(std::move(failure));
    if (auto waiter = std::exchange(waiter_, {})) waiter.resume();
  }

  bool await_ready() const noexcept { return isComplete(); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept {
    assert(!waiter_);
    waiter_ = waiter;
  }
  T await_resume() {
    if (result_.index() == 2) std::rethrow_exception(std::get<2>(std::move(result_)));
    return std::get<1>(std::move(result_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> result_;
  std::coroutine_handle<> waiter_;
};

/// Nothing to hand over but the fact: co_await event; later event.set(). Stays set until reset().
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool isSet() const noexcept { return set_; }
  void reset() noexcept { set_ = false; }
  /// Resumes the waiter, if any, inside this call.
  void set() {
    set_ = true;
    if (auto waiter = std::exchange(waiter_, {})) waiter.resume();
  }

  bool await_ready() const noexcept { return set_; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept {
    assert(!waiter_);
    waiter_ = waiter;
  }
  void await_resume() const noexcept {}

 private:
  bool set_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace posthouse
