#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "administration/ledger.h"
#include "async/task.h"
#include "db/database.h"
#include "logins/password_workers.h"
#include "store/account_repository.h"
#include "store/administrator_repository.h"
#include "store/audit_repository.h"
#include "store/group_repository.h"

namespace posthouse::accountd {

struct NewUser {
  std::string address;
  std::string password;
  std::optional<std::int64_t> quotaBytes = std::nullopt;  // none: the domain's default; 0: unlimited
  std::string passwordHash = {};  // instead of the password: what another server stored (crypto/password_hash.h)
  bool withoutPassword = false;   // instead of both: nobody gets in with one until it is set
};

/// What was granted to a user to send as, beside what is theirs.
struct SendAs {
  std::string address;
  std::vector<std::string> granted;  // addresses, and domains as "@example.org"
};

struct NewGroup {
  store::AccountKind kind = store::AccountKind::group;  // or shared
  std::string address;
  std::vector<std::string> members;
  bool membersOnly = false;                               // of a group
  std::optional<std::int64_t> quotaBytes = std::nullopt;  // of a shared mailbox; none: the domain's default
};

/// What is to be different about a domain; the rest stays.
struct DomainChange {
  std::optional<std::string> catchAll = std::nullopt;  // an address, or empty for none
  std::optional<std::string> separators = std::nullopt;
  std::optional<std::int64_t> defaultQuotaBytes = std::nullopt;
  std::optional<std::int64_t> maxUsers = std::nullopt;
  std::optional<std::int64_t> maxAliases = std::nullopt;
  std::optional<bool> twoFactorsRequired = std::nullopt;
};

/// What administrators do to domains, accounts, aliases and quotas. Names come in any spelling and are stored in one
/// (Address). Everything throws what the database throws; what hashes a password also throws Overloaded. Done for an
/// actor, and within what that one may do.
class Administration {
 public:
  Administration(db::Database& database, PasswordWorkers& workers, PasswordPolicy policy, Actor actor = {})
      : ledger_(database, std::move(actor)), workers_(workers), policy_(policy) {}

  /// The same for somebody else.
  Administration as(Actor actor) const { return {ledger_.as(std::move(actor)), workers_, policy_}; }

  Task<Answer<store::Domain>> addDomain(std::string name);
  /// All that the actor may see.
  Task<Answer<std::vector<store::Domain>>> domains();
  Task<Answer<store::Domain>> domain(std::string name);
  /// A catch-all in a domain of ours must be somebody.
  Task<Answer<store::Domain>> setDomain(std::string name, DomainChange change);
  Task<Answer<std::string>> removeDomain(std::string name);

  /// Users are individuals.
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

  /// Groups and shared mailboxes. Members are users; of a group also shared mailboxes.
  Task<Answer<store::Group>> addGroup(NewGroup group);
  Task<Answer<store::Group>> group(std::string address);
  Task<Answer<std::vector<store::Group>>> groups(store::AccountKind kind, std::string domain, std::string after);
  Task<Answer<store::Group>> setMembersOnly(std::string address, bool membersOnly);
  Task<Answer<store::Group>> addMembers(std::string address, std::vector<std::string> members);
  Task<Answer<store::Group>> removeMembers(std::string address, std::vector<std::string> members);
  Task<Answer<std::string>> removeGroup(std::string address);

  /// Members must exist if they are in a domain of ours, and may not lead back to the alias.
  Task<Answer<store::Alias>> addAlias(std::string address, std::vector<std::string> members);
  Task<Answer<std::vector<store::Alias>>> aliases(std::string domain, std::string after);
  Task<Answer<std::string>> removeAlias(std::string address, std::vector<std::string> members);

  /// Of a user or a shared mailbox.
  Task<Answer<store::Account>> quota(std::string address);
  Task<Answer<store::Account>> setQuota(std::string address, std::int64_t limitBytes);

  /// A user may send as an address, or as every address of a domain ("@example.org"). An administrator of domains
  /// grants what is in them.
  Task<Answer<SendAs>> addSendAs(std::string address, std::vector<std::string> granted);
  Task<Answer<SendAs>> sendAs(std::string address);
  /// Of those users of a domain, or of all that the actor may see, who were granted something; as users() pages.
  Task<Answer<std::vector<SendAs>>> sendAsGrants(std::string domain, std::string after);
  Task<Answer<SendAs>> removeSendAs(std::string address, std::vector<std::string> granted);

  /// Users that may administer a domain, or with an empty one everything.
  Task<Answer<store::Administrator>> addAdministrator(std::string address, std::string domain);
  Task<Answer<std::vector<store::Administrator>>> administrators();
  Task<Answer<std::string>> removeAdministrator(std::string address, std::string domain);

  /// Up to kPage entries of the audit after one, the oldest first. An administrator of domains sees what was done
  /// there.
  Task<Answer<std::vector<store::AuditEntry>>> audit(store::AuditRepository::Wanted wanted, std::int64_t after);

  static constexpr int kPage = 500;

 private:
  Administration(Ledger ledger, PasswordWorkers& workers, PasswordPolicy policy)
      : ledger_(std::move(ledger)), workers_(workers), policy_(policy) {}

  Ledger ledger_;
  PasswordWorkers& workers_;
  const PasswordPolicy policy_;
};

}  // namespace posthouse::accountd
