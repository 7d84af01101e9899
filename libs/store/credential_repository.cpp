#include "store/account_repository.h"

namespace posthouse::store {

std::optional<Credential> CredentialRepository::find(std::string_view login) {
  const auto rows =
      transaction_.exec("SELECT account_id, address, enabled, credential FROM posthouse.find_credential($1)", login);
  if (rows.empty()) return std::nullopt;
  return Credential{.account = rows[0].get<AccountId>(0),
                    .address = rows[0].get<std::string>(1),
                    .enabled = rows[0].get<bool>(2),
                    .phc = rows[0].get<std::string>(3)};
}

bool CredentialRepository::set(std::string_view login, std::string_view phc) {
  return transaction_.exec("UPDATE posthouse.login SET credential = $2 WHERE login_norm = $1", login, phc).affected() ==
         1;
}

bool CredentialRepository::replace(std::string_view login, std::string_view old, std::string_view phc) {
  return transaction_
             .exec("UPDATE posthouse.login SET credential = $3 WHERE login_norm = $1 AND credential = $2", login, old,
                   phc)
             .affected() == 1;
}

}  // namespace posthouse::store
