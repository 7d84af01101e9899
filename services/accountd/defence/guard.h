#pragma once
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "async/task.h"
#include "defence/defence.h"
#include "logins/authenticator.h"
#include "logins/conversation.h"
#include "logins/credentials.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// Gives the defence its key, if it has none yet. Throws what the database throws.
Task<> makeReady(Defence& defence, Credentials& credentials);

/// Stands before everything that a login costs: lets it in, lets it wait or turns it away, and learns how it ended. Who
/// waits is a coroutine on the loop and nothing else; so many and no more do.
class Guard {
 public:
  /// At the stop, those that wait are turned away.
  Guard(net::Loop& loop, Defence& defence, Credentials& credentials, DefenceMetrics& metrics, std::stop_token stop = {})
      : loop_(loop), defence_(defence), credentials_(credentials), metrics_(metrics), stop_(std::move(stop)) {}

  class Visit;

 private:
  /// Throws TurnedAway.
  Task<> wait(std::chrono::milliseconds duration);
  [[noreturn]] void turnAway(std::string_view reason);

  net::Loop& loop_;
  Defence& defence_;
  Credentials& credentials_;
  DefenceMetrics& metrics_;
  const std::stop_token stop_;
  std::size_t waiting_ = 0;
  std::unordered_map<std::string, std::size_t> unjudged_;  // logins that go on now, by network
};

/// One login, from when it is known who the client wants to be.
class Guard::Visit {
 public:
  Visit(Guard& guard, const Connection& connection);
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit();

  /// Before anything is looked up. `name`: empty if the client says none. `secret`: what it tries, a password or a
  /// token, if it shows that. Returns when the login may go on; throws TurnedAway.
  Task<> claims(std::string name, std::optional<std::string> secret);
  /// How it ended. An outcome of a mechanism that asked nobody before is judged now: what is returned counts.
  Task<Outcome> conclude(Outcome outcome);

 private:
  Task<> turnsOutToBe(const std::string& name);
  const Origin* origin() const noexcept { return origin_ ? &*origin_ : nullptr; }

  Guard& guard_;
  const std::optional<Origin> origin_;
  const bool isExempt_;
  bool isAdmitted_ = false;
  std::int64_t name_ = 0;
  std::optional<std::uint16_t> tag_;
};

}  // namespace posthouse::accountd
