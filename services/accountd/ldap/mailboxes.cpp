#include "ldap/mailboxes.h"

#include <utility>

#include "administration/details.h"
#include "ldap/unavailable.h"
#include "store/account_repository.h"
#include "store/audit_repository.h"

namespace posthouse::accountd::ldap {
namespace {

/// What one transaction finds and makes of a person.
class Settling {
 public:
  Settling(db::Transaction& transaction, const std::string& directory, const Person& person)
      : accounts_(transaction), transaction_(transaction), directory_(directory), person_(person) {}

  /// Of several addresses, the one that has become the mailbox stays it.
  std::optional<store::Account> find() {
    for (const Address& address : person_.addresses)
      if (auto account = findAt(address)) return account;
    return std::nullopt;
  }

  bool isUpToDate(const store::Account& account) const {
    return account.directory == directory_ && account.quota.limitBytes == quota(account);
  }

  void update(const store::Account& account) {
    if (account.directory != directory_) accounts_.setDirectory(account.id, directory_);
    if (account.quota.limitBytes == quota(account)) return;
    store::QuotaRepository(transaction_).set(account.id, quota(account), account.quota.limitMessages);
    Details details;
    details.noteChange("limit_bytes", account.quota.limitBytes, quota(account));
    record("quota.set", account.address, details);
  }

  std::optional<store::Account> make() {
    for (const Address& address : person_.addresses) {
      const store::NewAccount wanted{
          .localPart = address.localPart, .domain = address.domain, .quotaBytes = person_.quotaBytes};
      const auto made = accounts_.create({&wanted, 1}).front();
      if (made) return enter(*made, address);
      if (made.error() == store::DirectoryError::full)
        throw Unavailable(address.domain + " has as many users as it may; see: mailctl domain show " + address.domain);
      // Another accountd may have been quicker.
      if (auto account = findAt(address)) return account;
    }
    return std::nullopt;
  }

 private:
  std::optional<store::Account> findAt(const Address& address) {
    auto account = accounts_.find(address.text());
    return account && !account->directory.empty() ? account : std::nullopt;
  }

  std::optional<store::Account> enter(store::AccountId id, const Address& address) {
    accounts_.setDirectory(id, directory_);
    Details details;
    details.note("directory", directory_);
    if (person_.quotaBytes) details.note("quota_bytes", *person_.quotaBytes);
    record("user.add", address.text(), details);
    return accounts_.find(address.text());
  }

  std::int64_t quota(const store::Account& account) const {
    return person_.quotaBytes.value_or(account.quota.limitBytes);
  }

  void record(std::string action, const std::string& address, const Details& details) {
    store::AuditRepository(transaction_)
        .record({{.actor = directory_,
                  .peer = "accountd",
                  .action = std::move(action),
                  .object = address,
                  .domain = address.substr(address.rfind('@') + 1),
                  .details = details.json()}});
  }

  store::AccountRepository accounts_;
  db::Transaction& transaction_;
  const std::string& directory_;
  const Person& person_;
};

std::optional<Mailbox> asMailbox(const std::optional<store::Account>& account) {
  if (!account) return std::nullopt;
  return Mailbox{static_cast<std::int64_t>(account->id), account->address, account->enabled};
}

}  // namespace

Task<std::optional<Mailbox>> Mailboxes::of(std::string directory, Person person) {
  const auto look = [&](db::Transaction& transaction) -> std::optional<store::Account> {
    Settling settling(transaction, directory, person);
    auto account = settling.find();
    return account && settling.isUpToDate(*account) ? account : std::nullopt;
  };
  const std::optional<store::Account> there = co_await database_.query(look);
  if (there) co_return asMailbox(there);

  const auto settle = [&](db::Transaction& transaction) {
    Settling settling(transaction, directory, person);
    auto account = settling.find();
    if (!account) account = settling.make();
    if (account && !settling.isUpToDate(*account)) settling.update(*account);
    return account;
  };
  co_return asMailbox(co_await database_.transact(settle, db::Repeat::harmless));
}

}  // namespace posthouse::accountd::ldap
