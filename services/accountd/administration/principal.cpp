#include "administration/principal.h"

#include <algorithm>

#include "directory/address.h"
#include "store/account_repository.h"
#include "store/administrator_repository.h"

namespace posthouse::accountd {
namespace {

Refusal forbidden(std::string text) {
  return {Refusal::Kind::forbidden, std::move(text)};
}

}  // namespace

Answer<Principal> Principal::of(db::Transaction& transaction, const Actor& actor) {
  Principal principal;
  if (actor.address.empty()) return principal;
  const std::optional<Address> address = parseAddress(actor.address);
  std::optional<store::Account> account;
  if (address) account = store::AccountRepository(transaction).find(address->text());
  if (!account || account->kind != store::AccountKind::individual || !account->enabled)
    return std::unexpected(forbidden("there is no user \"" + actor.address + "\" to act as"));
  principal.address_ = account->address;
  const auto domains = store::AdministratorRepository(transaction).domains(account->id);
  principal.domains_ = {domains.begin(), domains.end()};
  if (domains.empty()) principal.rank_ = Rank::self;
  if (!domains.empty() && !principal.domains_.contains("")) principal.rank_ = Rank::domains;
  return principal;
}

std::optional<Refusal> Principal::objection(const Act& act) const {
  if (mayEverything()) return std::nullopt;
  const bool isListing = act.object.empty() && act.right == Act::Right::domain;
  if (isListing && rank_ == Rank::domains) return std::nullopt;
  if (!act.object.empty() && act.unseen && !sees(act.object, act.domain)) return act.unseen;
  if (act.right == Act::Right::self && act.object == address_) return std::nullopt;
  if (act.right == Act::Right::administrator || !domains_.contains(act.domain))
    return forbidden(address_ + " may not do that (" + std::string(act.action) + ")");
  return std::nullopt;
}

bool Principal::sees(std::string_view address, std::string_view domain) const {
  return mayEverything() || address == address_ || domains_.contains(std::string(domain));
}

bool Principal::isOutranked(db::Transaction& transaction, std::string_view address) const {
  if (mayEverything()) return false;
  const auto account = store::AccountRepository(transaction).find(address);
  if (!account) return false;
  const auto theirs = store::AdministratorRepository(transaction).domains(account->id);
  return std::ranges::any_of(theirs, [this](const std::string& domain) { return !domains_.contains(domain); });
}

}  // namespace posthouse::accountd
