#include <optional>
#include <utility>

#include "administration.h"
#include "crypto/password_hash.h"
#include "crypto/secret.h"
#include "prepare.h"
#include "refusals.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxPassword = 1024;  // octets

std::optional<Refusal> unfit(std::string_view password) {
  if (password.empty()) return Refusal{Refusal::Kind::invalid, "the password is empty"};
  if (password.size() > kMaxPassword) return Refusal{Refusal::Kind::invalid, "the password is longer than 1024 octets"};
  if (password.contains('\0'))
    return Refusal{Refusal::Kind::invalid, "a password cannot hold NUL: SASL PLAIN ends there (RFC 4616)"};
  return std::nullopt;
}

std::unexpected<Refusal> refused(store::DirectoryError error, const std::string& address, const std::string& domain) {
  if (error == store::DirectoryError::noSuchDomain) return noSuchDomain(domain);
  return std::unexpected(Refusal{Refusal::Kind::exists, address + " exists already"});
}

}  // namespace

Task<Answer<store::Account>> Administration::addUser(NewUser user) {
  const Answer<store::NewAccount> prepared = co_await prepareUser(std::move(user));
  if (!prepared) co_return std::unexpected(prepared.error());
  const auto added = co_await addUsers({*prepared});
  if (!added.front()) co_return std::unexpected(added.front().error());
  co_return co_await this->user(*added.front());
}

Task<Answer<store::NewAccount>> Administration::prepareUser(NewUser user) {
  const Answer<Address> address = readAddress(user.address);
  if (!address) co_return std::unexpected(address.error());
  if (user.quotaBytes < 0) co_return invalid("a quota cannot be negative");
  store::NewAccount account{address->localPart, address->domain, "", user.quotaBytes};

  if (!user.passwordHash.empty()) {
    if (!user.password.empty()) co_return invalid("there is a password, and a hash, too: one of them is enough");
    auto hash = crypto::readPasswordHash(user.passwordHash);
    if (!hash) co_return invalid("the password hash is not accepted: " + hash.error());
    auto* cleartext = std::get_if<crypto::Cleartext>(&*hash);
    if (cleartext == nullptr) {
      account.credential = std::move(user.passwordHash);
      co_return account;
    }
    user.password = std::move(cleartext->password);
    crypto::wipe(user.passwordHash);
  }
  if (const auto reason = unfit(user.password)) co_return std::unexpected(*reason);

  // Asked first, so that what is refused costs no hash; addUsers() decides.
  const auto ask = [&](db::Transaction& transaction) {
    return store::AccountRepository(transaction).objection(address->text(), address->domain);
  };
  const auto objection = co_await database_.single(ask, db::Repeat::harmless);
  if (objection) co_return refused(*objection, address->text(), address->domain);
  std::string prepared = preparePassword(user.password);
  crypto::wipe(user.password);
  Secrets secrets = co_await workers_.derive(std::move(prepared), policy_);
  account.credential = std::move(secrets.phc);
  account.scram = std::move(secrets.scram);
  co_return account;
}

Task<std::vector<Answer<std::string>>> Administration::addUsers(std::vector<store::NewAccount> accounts) {
  const auto create = [&](db::Transaction& transaction) {
    return store::AccountRepository(transaction).create(accounts);
  };
  const auto made = co_await database_.single(create);
  std::vector<Answer<std::string>> answers;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const std::string address = accounts[i].localPart + '@' + accounts[i].domain;
    answers.push_back(made[i] ? Answer<std::string>(address) : refused(made[i].error(), address, accounts[i].domain));
  }
  co_return answers;
}

Task<Answer<store::Account>> Administration::user(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction) {
    return store::AccountRepository(transaction).find(address->text());
  };
  const std::optional<store::Account> found = co_await database_.query(job);
  if (!found) co_return noSuchUser(address->text());
  co_return *found;
}

Task<Answer<std::vector<store::Account>>> Administration::users(std::string text, std::string after) {
  std::string domain;
  if (!text.empty()) {
    const Answer<std::string> read = readDomain(text);
    if (!read) co_return std::unexpected(read.error());
    domain = *read;
  }
  const auto job = [&](db::Transaction& transaction) -> Answer<std::vector<store::Account>> {
    if (!domain.empty() && !store::DomainRepository(transaction).exists(domain)) return noSuchDomain(domain);
    return store::AccountRepository(transaction).list(domain, after, kPage);
  };
  co_return co_await database_.query(job);
}

Task<Answer<store::Account>> Administration::setPassword(std::string text, std::string password) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (const auto reason = unfit(password)) co_return std::unexpected(*reason);
  std::string prepared = preparePassword(password);
  crypto::wipe(password);
  const Secrets secrets = co_await workers_.derive(std::move(prepared), policy_);
  const auto job = [&](db::Transaction& transaction) -> Answer<store::Account> {
    if (!store::CredentialRepository(transaction).set(address->text(), {secrets.phc, secrets.scram}))
      return noSuchUser(address->text());
    return store::AccountRepository(transaction).find(address->text()).value();
  };
  co_return co_await database_.transact(job, db::Repeat::harmless);
}

Task<Answer<store::Account>> Administration::setEnabled(std::string text, bool enabled) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction) -> Answer<store::Account> {
    store::AccountRepository accounts(transaction);
    if (!accounts.setEnabled(address->text(), enabled)) return noSuchUser(address->text());
    return accounts.find(address->text()).value();
  };
  co_return co_await database_.transact(job, db::Repeat::harmless);
}

Task<Answer<std::string>> Administration::removeUser(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction) {
    return store::AccountRepository(transaction).remove(address->text());
  };
  const bool removed = co_await database_.transact(job);
  if (!removed) co_return noSuchUser(address->text());
  co_return address->text();
}

Task<Answer<store::Account>> Administration::setQuota(std::string text, std::int64_t limitBytes) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (limitBytes < 0) co_return invalid("a quota cannot be negative");
  const auto job = [&](db::Transaction& transaction) -> Answer<store::Account> {
    store::AccountRepository accounts(transaction);
    const std::optional<store::Account> account = accounts.find(address->text());
    if (!account) return noSuchUser(address->text());
    store::QuotaRepository(transaction).set(account->id, limitBytes, account->quota.limitMessages);
    return accounts.find(address->text()).value();
  };
  co_return co_await database_.transact(job, db::Repeat::harmless);
}

}  // namespace posthouse::accountd
