#pragma once
#include <optional>
#include <utility>

#include "administration/refusals.h"
#include "store/account_repository.h"

namespace posthouse::accountd {

/// Whoever has a login: a group or a shared mailbox is no user.
inline Answer<store::Account> findIndividual(db::Transaction& transaction, const Address& address) {
  std::optional<store::Account> found = store::AccountRepository(transaction).find(address.text());
  if (!found || found->kind != store::AccountKind::individual) return noSuchUser(address.text());
  return std::move(*found);
}

/// What a user may do for himself, too.
inline Act actOnOneself(std::string_view action, const Address& address) {
  return actOn(action, address, noSuchUser(address.text()), Act::Right::self);
}

}  // namespace posthouse::accountd
