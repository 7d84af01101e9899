#pragma once
#include <optional>
#include <string>
#include <vector>

#include "administration/ledger.h"
#include "ldap/check.h"
#include "ldap/directories.h"
#include "store/account_repository.h"

namespace posthouse::accountd::ldap {

struct DirectoryCheck {
  std::string name;
  std::vector<std::string> domains;
  std::vector<ServerCheck> servers;
};

/// What a directory, and what we, have by an address.
struct LookedUp {
  std::string directory;  // "ldap:NAME"
  std::optional<Person> person;
  std::vector<std::string> members;
  std::string heldHere;  // "user", "group", "shared", "alias", "mailbox" or nothing
};

/// What administrators ask and do about external directories. Done for an actor, and within what that one may do.
/// Throws Unavailable and what the database throws.
class Office {
 public:
  Office(db::Database& database, Directories& directories, Actor actor = {})
      : ledger_(database, std::move(actor)), directories_(directories) {}

  /// The same for somebody else.
  Office as(Actor actor) const { return {ledger_.as(std::move(actor)), directories_}; }

  /// Every server is asked.
  Task<Answer<std::vector<DirectoryCheck>>> check();
  /// Asked now; nothing remembered is good enough.
  Task<Answer<LookedUp>> lookUp(std::string address);
  /// The user is the directory's from now on, with the mailbox that is here or a new one.
  Task<Answer<store::Account>> adopt(std::string address);
  /// The user is here from now on, and nobody can log in until a password is set.
  Task<Answer<store::Account>> release(std::string address);

 private:
  Office(Ledger ledger, Directories& directories) : ledger_(std::move(ledger)), directories_(directories) {}

  Task<Answer<std::string>> heldHere(Address address);

  Ledger ledger_;
  Directories& directories_;
};

}  // namespace posthouse::accountd::ldap
