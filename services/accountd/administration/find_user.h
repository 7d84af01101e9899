#pragma once
#include <optional>
#include <string_view>
#include <utility>

#include "administration/refusals.h"
#include "store/account_repository.h"

namespace posthouse::accountd {

/// Of this kind: a group, or a shared mailbox, is no user.
inline Answer<store::Account> findUser(db::Transaction& transaction, const Address& address) {
  std::optional<store::Account> found = store::AccountRepository(transaction).find(address.text());
  if (!found || found->kind != store::AccountKind::individual) return noSuchUser(address.text());
  return std::move(*found);
}

/// What is done to a user, by himself too with Act::Right::self.
inline Act actOnUser(std::string_view action, const Address& address, Act::Right right = Act::Right::domain) {
  return actOn(action, address, noSuchUser(address.text()), right);
}

}  // namespace posthouse::accountd
