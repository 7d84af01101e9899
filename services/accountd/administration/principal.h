#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "administration/refusal.h"
#include "db/transaction.h"

namespace posthouse::accountd {

/// Who asks for something administrative. Whoever may call at all (the permissions of the unix socket, or a client
/// certificate) may do everything, and may say for which account of ours he acts: then he may do what that one may.
struct Actor {
  std::string address{};  // of that account, as it came; empty: nobody's, everything is allowed
  std::string peer{};     // the caller himself, for the audit: "local:0"
};

/// What something administrative is about, and who may do it.
struct Act {
  enum class Right {
    administrator,  // of everything
    domain,         // whoever administers the domain
    self,           // and the account itself
  };

  std::string_view action;  // as in the audit: "user.add"
  std::string object;       // the address or domain that it is done to; of a listing empty: whatever may be seen
  std::string domain;       // that the object belongs to
  Right right = Right::domain;
  std::optional<Refusal> unseen = std::nullopt;  // what those hear who may not know whether there is such an object
};

/// An actor, as one transaction knows him.
class Principal {
 public:
  /// forbidden if there is no such account, or it is disabled.
  static Answer<Principal> of(db::Transaction& transaction, const Actor& actor);

  /// Why this may not be done; nothing if it may.
  std::optional<Refusal> objection(const Act& act) const;
  /// Whether the address is of an account that administers what this one does not: to change that one would be a way
  /// to its powers.
  bool isOutranked(db::Transaction& transaction, std::string_view address) const;

  bool mayEverything() const noexcept { return rank_ == Rank::everything; }
  bool sees(std::string_view address, std::string_view domain) const;
  /// That he administers, unless that is everything.
  const std::set<std::string>& domains() const noexcept { return domains_; }
  /// The canonical address; empty if he acts for no account.
  const std::string& address() const noexcept { return address_; }

 private:
  enum class Rank { everything, domains, self };

  Rank rank_ = Rank::everything;
  std::set<std::string> domains_;
  std::string address_;
};

}  // namespace posthouse::accountd
