#pragma once
#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <stop_token>

namespace posthouse::net {

enum class Interrupt {
  timeout,   // the other side took longer than it was allowed to
  shutdown,  // the stop token was pulled
  wakeup,    // somebody called Wakeup::wake
};

/// Thrown out of a wait that ended without what it waited for. Nothing that was read is lost: the next read continues.
class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(Interrupt reason);
  const Interrupt why;
};

/// The peer is gone, or the octets it announced did not come.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Wait;

/// Ends a wait from outside, on the loop's thread: for a session that waits for its client and for news at once.
/// Called while nobody waits, it ends the next wait at once.
class Wakeup {
 public:
  void wake();

 private:
  friend class Wait;
  Wait* waiting_ = nullptr;
  bool pending_ = false;
};

/// How long a wait may last and what may end it before. Made from a duration alone where nothing else matters.
struct Patience {
  static constexpr std::chrono::milliseconds kForever = std::chrono::milliseconds::max();

  template <class Rep, class Period>
  Patience(std::chrono::duration<Rep, Period>
               duration)  // NOLINT(google-explicit-constructor): reads as `readLine(limit, 5s)`
      : timeout(std::chrono::duration_cast<std::chrono::milliseconds>(duration)) {}
  Patience(std::chrono::milliseconds duration, std::stop_token token, Wakeup* wake = nullptr)
      : timeout(duration), stop(std::move(token)), wakeup(wake) {}

  std::chrono::milliseconds timeout;
  std::stop_token stop;      // request_stop must be called on the loop's thread
  Wakeup* wakeup = nullptr;  // must outlive the wait
};

/// One bound for several waits together: what is left of it is the patience for the next. Without it, a peer that sends
/// an octet now and then would be waited for again and again.
class Deadline {
 public:
  explicit Deadline(const Patience& whole) : whole_(whole), began_(std::chrono::steady_clock::now()) {}

  Patience left() const {
    Patience rest = whole_;
    if (rest.timeout != Patience::kForever)
      rest.timeout = std::max(std::chrono::milliseconds(0), whole_.timeout - past());
    return rest;
  }

 private:
  std::chrono::milliseconds past() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
  }

  Patience whole_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace posthouse::net
