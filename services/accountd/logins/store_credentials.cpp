#include "logins/store_credentials.h"

#include <utility>

#include "crypto/random.h"
#include "store/account_repository.h"

namespace posthouse::accountd {

Task<std::optional<Credential>> StoreCredentials::find(std::string login) {
  const auto job = [&](db::Transaction& transaction) { return store::CredentialRepository(transaction).find(login); };
  const std::optional<store::Credential> found = co_await database_.single(job, db::Repeat::harmless);
  if (!found) co_return std::nullopt;
  co_return Credential{static_cast<std::int64_t>(found->account),
                       found->address,
                       found->enabled,
                       found->phc,
                       found->scram,
                       found->twoFactorsRequired,
                       found->totpInForce,
                       found->appPasswordScram};
}

Task<> StoreCredentials::replace(std::string login, std::string old, Secrets fresh) {
  const auto job = [&](db::Transaction& transaction) {
    store::CredentialRepository(transaction).replace(login, old, {fresh.phc, fresh.scram});
  };
  co_await database_.transact(job, db::Repeat::harmless);
}

Task<std::string> StoreCredentials::sharedSecret(std::string name) {
  constexpr std::size_t kSize = 32;
  const auto job = [&](db::Transaction& transaction) {
    return store::CredentialRepository(transaction).sharedSecret(name, crypto::randomOctets(kSize));
  };
  co_return co_await database_.transact(job, db::Repeat::harmless);
}

}  // namespace posthouse::accountd
