#include "store/account_repository.h"

namespace posthouse::store {

std::optional<Credential> CredentialRepository::find(std::string_view login) {
  const auto rows = transaction_.exec(
      "SELECT account_id, address, enabled, credential, scram FROM posthouse.find_credential($1)", login);
  if (rows.empty()) return std::nullopt;
  return Credential{.account = rows[0].get<AccountId>(0),
                    .address = rows[0].get<std::string>(1),
                    .enabled = rows[0].get<bool>(2),
                    .phc = rows[0].get<std::string>(3),
                    .scram = rows[0].get<std::string>(4)};
}

bool CredentialRepository::set(std::string_view login, const StoredPassword& password) {
  return transaction_
             .exec("UPDATE posthouse.login SET credential = $2, scram = $3 WHERE login_norm = $1", login, password.phc,
                   password.scram)
             .affected() == 1;
}

bool CredentialRepository::replace(std::string_view login, std::string_view old, const StoredPassword& password) {
  return transaction_
             .exec("UPDATE posthouse.login SET credential = $3, scram = $4 WHERE login_norm = $1 AND credential = $2",
                   login, old, password.phc, password.scram)
             .affected() == 1;
}

std::string CredentialRepository::sharedSecret(std::string_view name, std::string_view fresh) {
  transaction_.exec("INSERT INTO posthouse.accountd_secret (name, octets) VALUES ($1, $2) ON CONFLICT DO NOTHING", name,
                    db::Octets{fresh});
  const auto rows = transaction_.exec1("SELECT octets FROM posthouse.accountd_secret WHERE name = $1", name);
  return std::string(rows[0].view(0));
}

}  // namespace posthouse::store
