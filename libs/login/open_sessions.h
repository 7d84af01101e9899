#pragma once
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "login/authenticator.h"
#include "net/patience.h"
#include "store/types.h"

namespace posthouse::login {

/// Why a session is ended from outside.
enum class EndReason : std::uint8_t { loggedOut, disabled, removed };

/// Fit for the client's eyes, without a full stop.
std::string_view explain(EndReason reason);

/// What accountd says has to end.
struct Ending {
  store::AccountId account{};
  std::string session{};    // empty: every session of the account whose login did not know of this ending
  std::int64_t number = 0;  // higher than what a login knew that this is to end
  EndReason reason = EndReason::loggedOut;
};

class OpenSessions;

/// A session that a client has logged in to, from then on until its end. It ends itself: what it waits for is
/// interrupted (net::Interrupt::wakeup), and it looks at ending() wherever it could go on without waiting.
class OpenSession {
 public:
  /// Both must outlive the session.
  struct Client {
    const std::string& sessionId;
    const std::string& remoteAddress;  // without port
  };

  /// `mechanism`: one that there is, never just what a client says; letters of either case.
  OpenSession(OpenSessions& sessions, const Identity& identity, Client client, std::string_view mechanism, bool isTls);
  OpenSession(const OpenSession&) = delete;
  OpenSession& operator=(const OpenSession&) = delete;
  ~OpenSession();

  /// Why it has to end; nothing while it may go on.
  std::optional<EndReason> ending() const noexcept { return ending_; }
  /// Throws net::Interrupted if it has to end.
  void heed() const {
    if (ending_) throw net::Interrupted(net::Interrupt::wakeup);
  }
  /// For every wait for the client.
  net::Wakeup& wakeup() noexcept { return wakeup_; }
  /// Wakes another wait as well, which is woken for other reasons, too: who wakes there heeds.
  void alsoWake(net::Wakeup& other) noexcept { other_ = &other; }

  const std::string& id() const noexcept { return client_.sessionId; }
  const std::string& remoteAddress() const noexcept { return client_.remoteAddress; }
  const std::string& mechanism() const noexcept { return *mechanism_; }
  store::AccountId account() const noexcept { return account_; }
  std::int64_t knownEnding() const noexcept { return knownEnding_; }
  std::chrono::steady_clock::time_point since() const noexcept { return since_; }
  bool isTls() const noexcept { return isTls_; }

 private:
  friend class OpenSessions;
  void end(EndReason reason);

  OpenSessions& sessions_;
  const Client client_;
  const store::AccountId account_;
  const std::int64_t knownEnding_;
  const std::chrono::steady_clock::time_point since_;
  const std::string* mechanism_;
  OpenSession* previous_ = nullptr;  // of all, by when they opened
  OpenSession* next_ = nullptr;
  net::Wakeup wakeup_;
  net::Wakeup* other_ = nullptr;
  std::optional<EndReason> ending_;
  const bool isTls_;
  bool isReported_ = false;
};

/// The sessions of this process that clients have logged in to: which of them accountd has been told of, and which it
/// has said have to end. Metric: posthouse_sessions_ended_total.
class OpenSessions {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// `protocol`: "imap", "pop3", "submission".
  OpenSessions(std::string protocol, prometheus::Registry& registry, Clock clock = std::chrono::steady_clock::now);
  OpenSessions(const OpenSessions&) = delete;
  OpenSessions& operator=(const OpenSessions&) = delete;
  ~OpenSessions();

  const std::string& protocol() const noexcept { return protocol_; }
  std::chrono::steady_clock::time_point now() const { return clock_(); }

  /// Ends what is open, and for a minute also what opens with a login that did not know of it: an ending may come
  /// between accountd's answer and the session.
  void end(std::span<const Ending> endings);

  /// What is to be told of: who has been open for `age` and was not told of, `most` at most, and who was and has
  /// closed.
  struct Changes {
    std::vector<const OpenSession*> opened;  // good until the next turn of the loop
    std::vector<std::string> closed;
  };
  Changes takeChanges(std::size_t most, std::chrono::milliseconds age);
  /// Nobody has been told of anything.
  void tellAllAnew();

 private:
  friend class OpenSession;
  struct Recent {
    Ending ending;
    std::chrono::steady_clock::time_point at;
  };

  void add(OpenSession& session);
  void remove(OpenSession& session);
  void count(EndReason reason) { ended_.at(static_cast<std::size_t>(reason))->Increment(); }

  const std::string protocol_;
  const Clock clock_;
  std::array<prometheus::Counter*, 3> ended_;  // by reason
  std::set<std::string, std::less<>> mechanisms_;
  OpenSession* first_ = nullptr;
  OpenSession* last_ = nullptr;
  OpenSession* untold_ = nullptr;  // the first that was not told of; all behind it were not either
  std::vector<std::string> closed_;
  std::unordered_map<store::AccountId, Recent> recent_;  // endings of accounts
};

}  // namespace posthouse::login
