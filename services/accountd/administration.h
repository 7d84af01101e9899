#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "async/task.h"
#include "db/database.h"
#include "password_workers.h"
#include "store/account_repository.h"

namespace posthouse::accountd {

/// Why an administrator's wish was not fulfilled, in words that say what to do.
struct Refusal {
  enum class Kind { invalid, notFound, exists, inUse };

  Kind kind = Kind::invalid;
  std::string text;
};

template <class T>
using Answer = std::expected<T, Refusal>;

struct NewUser {
  std::string address;
  std::string password;
  std::int64_t quotaBytes = 0;    // 0: unlimited
  std::string passwordHash = {};  // instead of the password: what another server stored (crypto/password_hash.h)
};

/// What administrators do to domains, accounts, aliases and quotas. Names come in any spelling and are stored in one
/// (Address). Everything throws what the database throws; what hashes a password also throws Overloaded.
class Administration {
 public:
  Administration(db::Database& database, PasswordWorkers& workers, PasswordPolicy policy)
      : database_(database), workers_(workers), policy_(policy) {}

  Task<Answer<store::Domain>> addDomain(std::string name);
  Task<std::vector<store::Domain>> domains();
  Task<Answer<std::string>> removeDomain(std::string name);

  Task<Answer<store::Account>> addUser(NewUser user);
  /// The same in two steps, for many beside each other. First what is asked and hashed: what is refused costs no hash,
  /// and who brings one costs nothing.
  Task<Answer<store::NewAccount>> prepareUser(NewUser user);
  /// Then what is written: a few hundred in one transaction, and each one's address or refusal, in their order.
  Task<std::vector<Answer<std::string>>> addUsers(std::vector<store::NewAccount> accounts);
  Task<Answer<store::Account>> user(std::string address);
  /// Up to kPage of them, by address, from the one after `after`. An empty domain: all.
  Task<Answer<std::vector<store::Account>>> users(std::string domain, std::string after);
  Task<Answer<store::Account>> setPassword(std::string address, std::string password);
  Task<Answer<store::Account>> setEnabled(std::string address, bool enabled);
  Task<Answer<std::string>> removeUser(std::string address);

  /// Members must exist if they are in a domain of ours, and may not lead back to the alias.
  Task<Answer<store::Alias>> addAlias(std::string address, std::vector<std::string> members);
  Task<Answer<std::vector<store::Alias>>> aliases(std::string domain, std::string after);
  Task<Answer<std::string>> removeAlias(std::string address, std::vector<std::string> members);

  Task<Answer<store::Account>> setQuota(std::string address, std::int64_t limitBytes);

  static constexpr int kPage = 500;

 private:
  db::Database& database_;
  PasswordWorkers& workers_;
  const PasswordPolicy policy_;
};

}  // namespace posthouse::accountd
