#include "administration/kerberos_principals.h"
#include "administration/find_user.h"

#include <algorithm>
#include <optional>

#include "administration/refusals.h"
#include "kerberos/principal_name.h"
#include "store/kerberos_principal_repository.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxPrincipals = 100;  // of one call

std::optional<Refusal> objection(const std::vector<std::string>& principals) {
  if (principals.empty()) return invalid("no principal is named").error();
  if (principals.size() > kMaxPrincipals) return invalid("more than 100 principals at once").error();
  for (const std::string& principal : principals) {
    if (!isPrincipalName(principal))
      return invalid("\"" + principal +
                     "\" is not a principal with its realm as klist shows it, like alice@EXAMPLE.ORG")
          .error();
    if (isWellKnownRealm(principal)) return invalid(principal + " is nobody in particular").error();
  }
  return std::nullopt;
}

PrincipalsOf principalsOf(db::Transaction& transaction, const store::Account& account) {
  return {account.address, store::KerberosPrincipalRepository(transaction).list(account.id)};
}

/// Says whose it is only to those who may know of that account.
Refusal isTaken(const std::string& principal, const store::KerberosPrincipalHolder& holder, const Principal& actor) {
  const std::string domain = holder.address.substr(holder.address.rfind('@') + 1);
  const std::string whose = actor.sees(holder.address, domain) ? holder.address : "another account";
  return {Refusal::Kind::exists, principal + " is " + whose + "'s already"};
}

}  // namespace

Task<Answer<PrincipalsOf>> KerberosPrincipalOffice::add(std::string text, std::vector<std::string> principals) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (auto refusal = objection(principals)) co_return std::unexpected(*std::move(refusal));
  const auto job = [&](db::Transaction& transaction, const Principal& actor, Details& details) -> Answer<PrincipalsOf> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::KerberosPrincipalRepository repository(transaction);
    repository.hold();
    for (const std::string& principal : principals) {
      const auto holder = repository.find(principal);
      if (holder && holder->account != account->id) return std::unexpected(isTaken(principal, *holder, actor));
    }
    repository.add(account->id, principals);
    details.note("principals", principals);
    return principalsOf(transaction, *account);
  };
  co_return co_await ledger_.change(actOnUser("user.principal.add", *address), job, db::Repeat::harmless);
}

Task<Answer<PrincipalsOf>> KerberosPrincipalOffice::get(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<PrincipalsOf> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    return principalsOf(transaction, *account);
  };
  co_return co_await ledger_.read(actOnUser("user.principal.list", *address), job);
}

Task<Answer<PrincipalsOf>> KerberosPrincipalOffice::remove(std::string text, std::vector<std::string> principals) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (auto refusal = objection(principals)) co_return std::unexpected(*std::move(refusal));
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<PrincipalsOf> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::KerberosPrincipalRepository repository(transaction);
    const std::vector<std::string> present = repository.list(account->id);
    for (const std::string& principal : principals)
      if (std::ranges::find(present, principal) == present.end())
        return notFound(address->text() + " has no principal " + principal);
    repository.remove(account->id, principals);
    details.note("principals", principals);
    return principalsOf(transaction, *account);
  };
  co_return co_await ledger_.change(actOnUser("user.principal.remove", *address), job);
}

}  // namespace posthouse::accountd
