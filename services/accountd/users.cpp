#include <optional>
#include <utility>

#include "administration.h"
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

std::unexpected<Refusal> refused(store::DirectoryError error, const Address& address) {
  if (error == store::DirectoryError::noSuchDomain) return noSuchDomain(address.domain);
  return std::unexpected(Refusal{Refusal::Kind::exists, address.text() + " exists already"});
}

}  // namespace

Task<Answer<store::Account>> Administration::addUser(NewUser user) {
  const Answer<Address> address = readAddress(user.address);
  if (!address) co_return std::unexpected(address.error());
  if (const auto reason = unfit(user.password)) co_return std::unexpected(*reason);
  if (user.quotaBytes < 0) co_return invalid("a quota cannot be negative");

  // Asked first, so that what is refused costs no hash; create() decides.
  const auto ask = [&](db::Transaction& transaction) -> std::optional<store::DirectoryError> {
    if (!store::DomainRepository(transaction).exists(address->domain)) return store::DirectoryError::noSuchDomain;
    if (store::AccountRepository(transaction).find(address->text())) return store::DirectoryError::exists;
    return std::nullopt;
  };
  if (const auto error = co_await database_.query(ask)) co_return refused(*error, *address);

  std::string prepared = preparePassword(user.password);
  crypto::wipe(user.password);
  const std::string phc = co_await workers_.hash(std::move(prepared), cost_);
  const auto create = [&](db::Transaction& transaction) -> Answer<store::Account> {
    store::AccountRepository accounts(transaction);
    const auto created = accounts.create(address->localPart, address->domain, phc, user.quotaBytes);
    if (!created) return refused(created.error(), *address);
    return accounts.find(address->text()).value();
  };
  co_return co_await database_.transact(create);
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
  const std::string phc = co_await workers_.hash(std::move(prepared), cost_);
  const auto job = [&](db::Transaction& transaction) -> Answer<store::Account> {
    if (!store::CredentialRepository(transaction).set(address->text(), phc)) return noSuchUser(address->text());
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
