#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// Why sessions are ended from outside.
enum class EndReason : std::int16_t { loggedOut = 0, disabled = 1, removed = 2 };

/// A process that clients log in to.
struct FrontEnd {
  std::string id;               // made up when it starts
  std::int64_t attachment = 0;  // how often it has attached itself to an accountd, this time counted
  std::string program;
  std::string instance;
};

/// A session that a client is logged in to.
struct Session {
  std::string id;
  AccountId account{};
  std::string protocol;
  std::string remoteAddress;  // without port
  std::string mechanism;
  bool tls = false;
  std::chrono::milliseconds age{};
  /// Endings of the account up to this number were known before the login began, so that they are no reason to end it.
  std::int64_t knownEnding = 0;
};

/// The same as it is shown.
struct ListedSession {
  std::string id;
  std::string address;
  std::string protocol;
  std::string remoteAddress;
  std::string mechanism;
  bool tls = false;
  std::chrono::system_clock::time_point since;
  std::string program;
  std::string instance;
};

struct SessionEnding {
  std::int64_t number = 0;  // those of one account become visible in the order of their numbers, others do not
  AccountId account{};
  std::string session;  // empty: every session of the account whose login knew of no ending with this number
  EndReason reason = EndReason::loggedOut;
  std::chrono::system_clock::time_point at{};
};

/// Who is logged in, and whose sessions are to end.
class SessionRepository {
 public:
  explicit SessionRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// From the commit on: the sessions that the account has, or one of them.
  void end(AccountId account, EndReason reason, std::string_view session = "");

  struct News {
    std::vector<SessionEnding> endings;
    /// Whatever is of a transaction before this one has been visible now. What is of later ones may have been.
    std::int64_t horizon = 0;
  };
  /// The endings of transactions from `horizon` on.
  News endingsSince(std::int64_t horizon);
  /// Removes endings older than this; how many it were.
  std::int64_t pruneEndings(std::chrono::seconds age);

  /// A process begins to tell of its sessions, from none on: waits for reports that are being written. False if it has
  /// attached itself anew meanwhile.
  bool attach(const FrontEnd& frontEnd);
  /// What has changed since. Nothing if the attachment is not known any more.
  std::optional<std::vector<SessionEnding>> report(const FrontEnd& frontEnd, const std::vector<Session>& opened,
                                                   const std::vector<std::string>& closed);
  /// The process is gone, with its sessions.
  void detach(const FrontEnd& frontEnd);
  /// These processes are still attached; returns those of them that are known.
  std::vector<std::string> keep(const std::vector<std::string>& frontEnds);
  /// Forgets the processes that nobody has kept for so long, and all sessions of processes that are not known.
  void forgetLost(std::chrono::seconds age);

  struct Wanted {
    std::optional<AccountId> account = std::nullopt;
    std::vector<std::string> domains = {};  // of which one is the account's; none: any is
  };
  /// By id, those after `after`. Without those of processes that nobody has kept for `age`.
  std::vector<ListedSession> list(const Wanted& wanted, std::string_view after, int limit, std::chrono::seconds age);

 private:
  /// Of these, the sessions that have to end: what was decided while, or before, they were reported.
  std::vector<SessionEnding> ended(const std::vector<Session>& sessions);

  db::Transaction& transaction_;
};

}  // namespace posthouse::store
