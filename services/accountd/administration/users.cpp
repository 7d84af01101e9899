#include <optional>
#include <utility>

#include "administration/administration.h"
#include "administration/find_user.h"
#include "administration/refusals.h"
#include "crypto/password_hash.h"
#include "crypto/secret.h"
#include "directory/prepare.h"
#include "store/app_password_repository.h"
#include "store/session_repository.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxPassword = 1024;  // octets

std::optional<Refusal> unfit(std::string_view password) {
  if (password.empty()) return Refusal{Refusal::Kind::invalid, "the password is empty"};
  if (password.size() > kMaxPassword) return Refusal{Refusal::Kind::invalid, "the password is longer than 1024 octets"};
  if (password.contains('\0'))
    return Refusal{Refusal::Kind::invalid, "a password cannot hold NUL: SASL PLAIN ends there (RFC 4616)"};
  if (!isOpaqueString(password))
    return Refusal{Refusal::Kind::invalid,
                   "the password holds control characters, or what is no character (RFC 8265 §4.2)"};
  return std::nullopt;
}

/// Whoever has a mailbox.
Answer<store::Account> findMailbox(db::Transaction& transaction, const Address& address) {
  std::optional<store::Account> found = store::AccountRepository(transaction).find(address.text());
  if (!found || found->kind == store::AccountKind::group) return noSuchUser(address.text());
  return std::move(*found);
}

std::unexpected<Refusal> passwordIsElsewhere(const store::Account& account) {
  return std::unexpected(Refusal{Refusal::Kind::inUse,
                                 "the password of " + account.address + " is kept by " + account.directory +
                                     ": change it there, or first: " + "mailctl directory release " + account.address});
}

Act actOnNewUser(const Address& address) {
  return actOn("user.add", address, noSuchDomain(address.domain));
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
  if (user.quotaBytes.value_or(0) < 0) co_return invalid("a quota cannot be negative");
  store::NewAccount account{.localPart = address->localPart, .domain = address->domain, .quotaBytes = user.quotaBytes};

  if (user.withoutPassword) {
    if (user.password.empty() && user.passwordHash.empty()) co_return account;
    co_return invalid("there is a password, or a hash, and there is to be none");
  }
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
  const auto ask = [&](db::Transaction& transaction, const Principal&) -> Answer<bool> {
    const auto objection = store::AccountRepository(transaction).objection(address->text(), address->domain);
    if (objection) return refused(*objection, *address);
    return true;
  };
  if (const auto asked = co_await ledger_.read(actOnNewUser(*address), ask); !asked)
    co_return std::unexpected(asked.error());
  std::string prepared = preparePassword(user.password);
  crypto::wipe(user.password);
  Secrets secrets = co_await workers_.derive(std::move(prepared), policy_);
  account.credential = std::move(secrets.phc);
  account.scram = std::move(secrets.scram);
  co_return account;
}

Task<std::vector<Answer<std::string>>> Administration::addUsers(std::vector<store::NewAccount> accounts) {
  std::vector<Address> addresses;
  std::vector<Act> acts;
  for (const store::NewAccount& account : accounts) {
    addresses.push_back({account.localPart, account.domain});
    acts.push_back(actOnNewUser(addresses.back()));
  }
  const auto create = [&](db::Transaction& transaction, const std::vector<std::size_t>& admitted) {
    std::vector<store::NewAccount> wanted;
    for (const std::size_t place : admitted) wanted.push_back(accounts[place]);
    const auto made = store::AccountRepository(transaction).create(wanted);
    std::vector<Answer<Details>> results;
    for (std::size_t i = 0; i < made.size(); ++i) {
      if (!made[i]) {
        results.push_back(refused(made[i].error(), addresses[admitted[i]]));
        continue;
      }
      Details details;
      if (wanted[i].quotaBytes) details.note("quota_bytes", *wanted[i].quotaBytes);
      results.push_back(std::move(details));
    }
    return results;
  };
  const std::vector<Answer<bool>> done = co_await ledger_.changeEach(acts, create);
  std::vector<Answer<std::string>> answers;
  for (std::size_t i = 0; i < done.size(); ++i) {
    answers.push_back(done[i] ? Answer<std::string>(addresses[i].text()) : std::unexpected(done[i].error()));
  }
  co_return answers;
}

Task<Answer<store::Account>> Administration::user(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) { return findUser(transaction, *address); };
  co_return co_await ledger_.read(actOnUser("user.show", *address, Act::Right::self), job);
}

Task<Answer<std::vector<store::Account>>> Administration::users(std::string text, std::string after) {
  const Answer<std::string> domain = readDomainOrAll(text);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor) -> Answer<std::vector<store::Account>> {
    if (!domain->empty() && !store::DomainRepository(transaction).exists(*domain)) return noSuchDomain(*domain);
    return listOf(actor, *domain, kPage, [&](const std::string& one) {
      return store::AccountRepository(transaction).list(one, after, kPage);
    });
  };
  co_return co_await ledger_.read(actOn("user.list", *domain), job);
}

Task<Answer<store::Account>> Administration::setPassword(std::string text, std::string password) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (const auto reason = unfit(password)) co_return std::unexpected(*reason);
  const Act act = actOnUser("user.passwd", *address, Act::Right::self);
  const auto ask = [&](db::Transaction& transaction, const Principal&) -> Answer<std::string> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    if (!account->directory.empty()) return passwordIsElsewhere(*account);
    return store::CredentialRepository(transaction).find(address->text()).value().appPasswordScram;
  };
  const Answer<std::string> appPasswordScram = co_await ledger_.read(act, ask);
  if (!appPasswordScram) co_return std::unexpected(appPasswordScram.error());

  std::string prepared = preparePassword(password);
  crypto::wipe(password);
  const Secrets secrets = co_await workers_.derive(std::move(prepared), policy_, *appPasswordScram);
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<store::Account> {
    auto account = findUser(transaction, *address);
    if (!account) return account;
    // During the hash a directory may have adopted the user, which writes to the credential, too.
    store::AppPasswordRepository(transaction).holdScram(account->id);
    account = findUser(transaction, *address);
    if (account && !account->directory.empty()) return passwordIsElsewhere(*account);
    if (account) store::CredentialRepository(transaction).set(address->text(), {secrets.phc, secrets.scram});
    return account;
  };
  co_return co_await ledger_.change(act, job, db::Repeat::harmless);
}

Task<Answer<store::Account>> Administration::setEnabled(std::string text, bool enabled) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<store::Account> {
    const auto account = findUser(transaction, *address);
    if (!account) return account;
    store::AccountRepository(transaction).setEnabled(address->text(), enabled);
    if (!enabled) store::SessionRepository(transaction).end(account->id, store::EndReason::disabled);
    return findUser(transaction, *address);
  };
  const Act act = actOnUser(enabled ? "user.enable" : "user.disable", *address);
  co_return co_await ledger_.change(act, job, db::Repeat::harmless);
}

Task<Answer<std::string>> Administration::removeUser(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<std::string> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::AccountRepository(transaction).remove(address->text());
    store::SessionRepository(transaction).end(account->id, store::EndReason::removed);
    return address->text();
  };
  co_return co_await ledger_.change(actOnUser("user.remove", *address), job);
}

Task<Answer<store::Account>> Administration::quota(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) { return findMailbox(transaction, *address); };
  co_return co_await ledger_.read(actOnUser("quota.get", *address, Act::Right::self), job);
}

Task<Answer<store::Account>> Administration::setQuota(std::string text, std::int64_t limitBytes) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (limitBytes < 0) co_return invalid("a quota cannot be negative");
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<store::Account> {
    const auto account = findMailbox(transaction, *address);
    if (!account) return account;
    store::QuotaRepository(transaction).set(account->id, limitBytes, account->quota.limitMessages);
    details.noteChange("limit_bytes", account->quota.limitBytes, limitBytes);
    return findMailbox(transaction, *address);
  };
  co_return co_await ledger_.change(actOnUser("quota.set", *address), job, db::Repeat::harmless);
}

}  // namespace posthouse::accountd
