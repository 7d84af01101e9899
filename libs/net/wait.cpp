#include "net/wait.h"

namespace posthouse::net {

void Wakeup::wake() {
  if (waiting_ != nullptr) {
    waiting_->interrupt(Interrupt::wakeup);
  } else {
    pending_ = true;
  }
}

bool Wait::await_ready() {
  if (finished_) return true;
  if (patience_.stop.stop_requested()) {
    interrupted_ = Interrupt::shutdown;
  } else if (patience_.wakeup != nullptr && std::exchange(patience_.wakeup->pending_, false)) {
    interrupted_ = Interrupt::wakeup;
  } else if (patience_.timeout.count() <= 0) {
    interrupted_ = Interrupt::timeout;  // a tick of the wheel is long enough for a peer to send another octet
  }
  return interrupted_.has_value();
}

void Wait::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  if (patience_.timeout != Patience::kForever) loop_.timeouts().arm(*this, patience_.timeout);
  if (patience_.wakeup != nullptr) patience_.wakeup->waiting_ = this;
  if (patience_.stop.stop_possible()) onStop_.emplace(patience_.stop, OnStop{*this});
}

void Wait::await_resume() {
  leave();
  if (!interrupted_) return;
  if (!finished_) throw Interrupted(*interrupted_);
  // What was waited for came in the same turn: the next wait hears of the news.
  if (*interrupted_ == Interrupt::wakeup) patience_.wakeup->pending_ = true;
}

// Not resumed here: whoever pulls the token or wakes us is in the middle of something of his own.
void Wait::interrupt(Interrupt reason) noexcept {
  if (interrupted_ || finished_) return;
  interrupted_ = reason;
  loop_.timeouts().armNow(*this);
}

void Wait::cancel() noexcept {
  finished_ = true;
  loop_.timeouts().armNow(*this);
}

void Wait::expired() {
  if (!interrupted_ && !finished_) interrupted_ = Interrupt::timeout;
  resume();
}

void Wait::leave() noexcept {
  onStop_.reset();
  disarm();
  if (patience_.wakeup != nullptr && patience_.wakeup->waiting_ == this) patience_.wakeup->waiting_ = nullptr;
}

}  // namespace posthouse::net
