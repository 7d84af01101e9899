#include "kerberos/store_principals.h"

#include "kerberos/principal_name.h"
#include "store/kerberos_principal_repository.h"

namespace posthouse::accountd {

Task<std::optional<PrincipalHolder>> StoreKerberosPrincipals::find(std::string principal) {
  if (!isPrincipalName(principal)) co_return std::nullopt;
  const auto job = [&](db::Transaction& transaction) {
    return store::KerberosPrincipalRepository(transaction).find(principal);
  };
  const std::optional<store::KerberosPrincipalHolder> found = co_await database_.single(job, db::Repeat::harmless);
  if (!found) co_return std::nullopt;
  co_return PrincipalHolder{static_cast<std::int64_t>(found->account), found->address, found->enabled};
}

}  // namespace posthouse::accountd
