#pragma once
#include <string>
#include <utility>
#include <vector>

#include "administration/ledger.h"
#include "async/task.h"
#include "db/database.h"

namespace posthouse::accountd {

/// The Kerberos principals that a user has.
struct PrincipalsOf {
  std::string address;
  std::vector<std::string> principals;
};

inline const std::string& subject(const PrincipalsOf& user) {
  return user.address;
}

/// What administrators do to the principals of users. Everything throws what the database throws. Done for an actor,
/// and within what that one may do: a user may neither see nor change their own.
class KerberosPrincipalOffice {
 public:
  explicit KerberosPrincipalOffice(db::Database& database, Actor actor = {}) : ledger_(database, std::move(actor)) {}

  /// The same for somebody else.
  KerberosPrincipalOffice as(Actor actor) const { return KerberosPrincipalOffice(ledger_.as(std::move(actor))); }

  /// All or none of them.
  Task<Answer<PrincipalsOf>> add(std::string address, std::vector<std::string> principals);
  Task<Answer<PrincipalsOf>> get(std::string address);
  Task<Answer<PrincipalsOf>> remove(std::string address, std::vector<std::string> principals);

 private:
  explicit KerberosPrincipalOffice(Ledger ledger) : ledger_(std::move(ledger)) {}

  Ledger ledger_;
};

}  // namespace posthouse::accountd
