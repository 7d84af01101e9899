#include "administration/shared_secret_office.h"
#include "administration/find_user.h"

#include "administration/refusals.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "directory/prepare.h"
#include "store/account_repository.h"
#include "store/shared_secret_repository.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxSecret = 1024;  // octets

std::unexpected<Refusal> noSuchKind() {
  return invalid("no kind of secret that this accountd knows is named");
}

/// Clients compute with the octets that they hold: what a keyboard makes of it is not evened out, as a password's is.
std::optional<Refusal> unfit(std::string_view secret) {
  if (secret.empty()) return Refusal{Refusal::Kind::invalid, "the secret is empty"};
  if (secret.size() > kMaxSecret) return Refusal{Refusal::Kind::invalid, "the secret is longer than 1024 octets"};
  if (!isOpaqueString(secret))
    return Refusal{Refusal::Kind::invalid,
                   "the secret holds control characters, or what is no character (RFC 8265 §4.2)"};
  return std::nullopt;
}

std::optional<Refusal> unable(const crypto::SealingKeys& keys) {
  if (keys.empty())
    return Refusal{Refusal::Kind::notConfigured,
                   "accountd.sealing_keys is not set, and no secret is kept unsealed: let it be what `openssl rand "
                   "-base64 32` says, the same for every accountd, and start accountd again"};
  if (!crypto::isAvailable(crypto::Hash::md5))
    return Refusal{Refusal::Kind::notConfigured, "OpenSSL has no MD5 here, so that nobody could log in with it"};
  return std::nullopt;
}

/// What another version stored is passed over.
SharedSecretsOf asKnown(std::string address, const std::vector<std::string>& kinds) {
  SharedSecretsOf user{std::move(address), {}};
  for (const std::string& text : kinds)
    if (const auto kind = sharedSecretKind(text)) user.kinds.push_back(*kind);
  return user;
}

SharedSecretsOf thoseOf(db::Transaction& transaction, const store::Account& account) {
  return asKnown(account.address, store::SharedSecretRepository(transaction).kinds(account.id));
}

}  // namespace

Task<Answer<SharedSecretsOf>> SharedSecretOffice::set(std::string text, std::optional<SharedSecretKind> kind,
                                                      std::string secret) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (!kind) co_return noSuchKind();
  if (const auto reason = unfit(secret)) co_return std::unexpected(*reason);
  if (const auto reason = unable(keys_)) co_return std::unexpected(*reason);
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<SharedSecretsOf> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    const std::string context = sealingContext(*kind, static_cast<std::int64_t>(account->id));
    store::SharedSecretRepository(transaction).set(account->id, toText(*kind), keys_.seal(secret, context));
    details.note("kind", toText(*kind));
    return thoseOf(transaction, *account);
  };
  auto answer = co_await ledger_.change(actOnUser("shared-secret.set", *address), job, db::Repeat::harmless);
  crypto::wipe(secret);
  co_return answer;
}

Task<Answer<SharedSecretsOf>> SharedSecretOffice::remove(std::string text, std::optional<SharedSecretKind> kind) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (!kind) co_return noSuchKind();
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<SharedSecretsOf> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    if (!store::SharedSecretRepository(transaction).remove(account->id, toText(*kind)))
      return notFound(address->text() + " has no secret for " + std::string(toText(*kind)));
    details.note("kind", toText(*kind));
    return thoseOf(transaction, *account);
  };
  co_return co_await ledger_.change(actOnUser("shared-secret.remove", *address), job);
}

Task<Answer<SharedSecretsOf>> SharedSecretOffice::secretsOf(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<SharedSecretsOf> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    return thoseOf(transaction, *account);
  };
  co_return co_await ledger_.read(actOnUser("shared-secret.show", *address, Act::Right::self), job);
}

Task<Answer<std::vector<SharedSecretsOf>>> SharedSecretOffice::list(std::string text, std::string after) {
  const Answer<std::string> domain = readDomainOrAll(text);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor) -> Answer<std::vector<SharedSecretsOf>> {
    if (!domain->empty() && !store::DomainRepository(transaction).exists(*domain)) return noSuchDomain(*domain);
    return listOf(actor, *domain, kPage, [&](const std::string& one) {
      std::vector<SharedSecretsOf> users;
      for (auto& account : store::SharedSecretRepository(transaction).list(one, after, kPage))
        users.push_back(asKnown(std::move(account.address), account.kinds));
      return users;
    });
  };
  co_return co_await ledger_.read(actOn("shared-secret.list", *domain), job);
}

}  // namespace posthouse::accountd
