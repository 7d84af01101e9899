#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "administration/ledger.h"
#include "async/task.h"
#include "db/database.h"
#include "store/session_repository.h"

namespace posthouse::accountd {

/// What ended, as far as it was listed.
struct Ended {
  std::string address;
  std::int64_t listed = 0;
};

/// Who is logged in, and logging them out, for an actor: administrators, and users their own.
class SessionOffice {
 public:
  explicit SessionOffice(db::Database& database, Actor actor = {}) : ledger_(database, std::move(actor)) {}

  /// The same for somebody else.
  SessionOffice as(Actor actor) const { return SessionOffice(ledger_.as(std::move(actor))); }

  /// Up to kPage of an account's, by id, from the one after `after`.
  Task<Answer<std::vector<store::ListedSession>>> ofUser(std::string address, std::string after);
  /// The same of a domain, or with an empty one of all that the actor may see.
  Task<Answer<std::vector<store::ListedSession>>> ofDomain(std::string domain, std::string after);
  /// All of an account, or one.
  Task<Answer<Ended>> end(std::string address, std::string session);

  static constexpr int kPage = 1'000;

 private:
  explicit SessionOffice(Ledger ledger) : ledger_(std::move(ledger)) {}

  Ledger ledger_;
};

}  // namespace posthouse::accountd
