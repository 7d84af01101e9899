#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/quota_repository.h"
#include "store/types.h"

namespace posthouse::store {

/// Names here are normalised by the caller: domains in lower case (U-labels), local parts as logins compare them.

struct DomainSettings {
  std::string catchAll;                // the address that gets mail for names that nobody has; empty: nobody does
  std::string separators = "+";        // each of these characters begins a detail; empty: there are no details
  std::int64_t defaultQuotaBytes = 0;  // of an account that is made without one; 0: unlimited
  std::int64_t maxUsers = 0;           // accounts of every kind; 0: any number
  std::int64_t maxAliases = 0;
  bool twoFactorsRequired = false;  // accounts' own passwords are not for mail programs, nor enough for the web

  bool operator==(const DomainSettings&) const = default;
};

struct Domain {
  std::string name;
  std::int64_t users = 0;
  std::int64_t aliases = 0;
  DomainSettings settings{};
};

/// full: the domain has as many users or aliases as it may.
enum class DirectoryError { exists, notFound, noSuchDomain, inUse, full };

class DomainRepository {
 public:
  explicit DomainRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  bool exists(std::string_view name);
  std::expected<void, DirectoryError> add(std::string_view name);
  std::vector<Domain> list();
  std::optional<Domain> find(std::string_view name);
  /// The one that was added first; nothing if there is none.
  std::optional<std::string> oldest();
  /// Alone, for the many that ask about addresses; nothing if there is no such domain.
  std::optional<DomainSettings> settings(std::string_view name);
  /// The settings, which nobody else changes before the commit.
  std::optional<DomainSettings> hold(std::string_view name);
  void set(std::string_view name, const DomainSettings& settings);
  /// inUse while it has accounts or aliases.
  std::expected<void, DirectoryError> remove(std::string_view name);

 private:
  db::Transaction& transaction_;
};

enum class AccountKind : std::int16_t {
  individual,  // one person's: a login and a mailbox
  group,       // neither: its mail is its members'
  shared,      // a mailbox of its members, without a login of its own
};

struct Account {
  AccountId id{};
  std::string address;  // the canonical one
  bool enabled = true;
  std::chrono::system_clock::time_point createdAt;
  Quota quota;
  AccountKind kind = AccountKind::individual;
  bool membersOnly = false;  // of a group: nobody else may send to it
  std::string directory{};   // "ldap:NAME", the external one that its user is in; empty: none
};

struct NewAccount {
  std::string localPart;
  std::string domain;
  std::string credential = {};                            // a PHC string, or a hash of another server
  std::optional<std::int64_t> quotaBytes = std::nullopt;  // none: the domain's default; 0: unlimited
  std::string scram = {};                                 // as in Credential
  AccountKind kind = AccountKind::individual;
};

class AccountRepository {
 public:
  explicit AccountRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// With their logins, credentials and first mailboxes (INBOX, Drafts, Sent, Junk, Trash, Archive, subscribed), in one
  /// statement; an answer for each, in their order. `exists` if an account or alias has the address, or one of
  /// `accounts` before it; `full` if the domain may have no more. Without a quota they get the domain's default. A
  /// group has neither mailboxes nor a quota; only an individual should have a credential. Locks every address until
  /// the commit: hundreds at once, not thousands.
  std::vector<std::expected<AccountId, DirectoryError>> create(std::span<const NewAccount> accounts);
  std::expected<AccountId, DirectoryError> create(std::string_view localPart, std::string_view domain,
                                                  std::string_view credential,
                                                  std::optional<std::int64_t> quotaBytes = std::nullopt,
                                                  AccountKind kind = AccountKind::individual);
  /// Why create() would refuse it now, in one statement; whether the domain is full is for create() to say.
  std::optional<DirectoryError> objection(std::string_view address, std::string_view domain);
  std::optional<Account> find(std::string_view address);
  /// The address of the individual that was made first in the domain and is enabled; nothing if there is none.
  std::optional<std::string> oldest(std::string_view domain);
  /// Ordered by address, those after `after`. An empty domain: all.
  std::vector<Account> list(std::string_view domain, std::string_view after, int limit,
                            AccountKind kind = AccountKind::individual);
  bool setEnabled(std::string_view address, bool enabled);
  bool setDirectory(AccountId account, std::string_view directory);
  /// The account, its login and its mail.
  bool remove(std::string_view address);

 private:
  db::Transaction& transaction_;
};

struct Alias {
  std::string address;
  std::vector<std::string> members;
};

class AliasRepository {
 public:
  explicit AliasRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// Adds to the alias if it is there. `exists` if the address is an account's.
  std::expected<Alias, DirectoryError> add(std::string_view localPart, std::string_view domain,
                                           const std::vector<std::string>& members);
  std::optional<Alias> find(std::string_view address);
  std::vector<Alias> list(std::string_view domain, std::string_view after, int limit);
  /// These members, and the alias with its last; or all of it if none are named.
  std::expected<void, DirectoryError> remove(std::string_view address, const std::vector<std::string>& members);

 private:
  db::Transaction& transaction_;
};

struct Credential {
  AccountId account{};
  std::string address;
  bool enabled = true;
  std::string phc;    // or a hash of another server, until the next login; empty: no password set, nobody can log in
  std::string scram;  // keys (RFC 5802 §3) as text, a blank between two; or empty
  bool twoFactorsRequired = false;  // by its domain
  bool totpInForce = false;
  std::string appPasswordScram = {};  // keys of one of its app passwords, all of which have the same salts; or empty
};

/// What is kept of a password.
struct StoredPassword {
  std::string phc;
  std::string scram = {};
};

/// What proves a login. Only accountd's role may use it.
class CredentialRepository {
 public:
  explicit CredentialRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  std::optional<Credential> find(std::string_view login);
  /// This and replace() leave keys out that do not fit those of app passwords (AppPasswordRepository::fitting).
  bool set(std::string_view login, const StoredPassword& password);
  /// Only if the hash is still `old`: for what was computed from it. False if it has changed meanwhile.
  bool replace(std::string_view login, std::string_view old, const StoredPassword& password);
  /// Octets that every accountd knows alike: `fresh` if there were none by this name.
  std::string sharedSecret(std::string_view name, std::string_view fresh);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
