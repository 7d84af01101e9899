#include "store/account_repository.h"
#include "store/app_password_repository.h"

namespace posthouse::store {

std::optional<Credential> CredentialRepository::find(std::string_view login) {
  // A function would have to set its search_path each time, which takes longer than all that is looked up here.
  const auto rows = transaction_.execPrepared(R"sql(
    SELECT l.account_id, a.address, a.enabled, coalesce(l.credential, ''), l.scram,
           coalesce((SELECT d.two_factors_required FROM posthouse.domain d WHERE d.name = l.domain), false),
           EXISTS (SELECT FROM posthouse.totp t WHERE t.account_id = l.account_id AND t.in_force),
           coalesce((SELECT p.scram FROM posthouse.app_password p WHERE p.account_id = l.account_id LIMIT 1), '')
      FROM posthouse.login l,
      LATERAL (SELECT x.address, x.enabled FROM posthouse.account x WHERE x.account_id = l.account_id OFFSET 0) a
     WHERE l.login_norm = $1)sql",
                                              login);
  if (rows.empty()) return std::nullopt;
  return Credential{.account = rows[0].get<AccountId>(0),
                    .address = rows[0].get<std::string>(1),
                    .enabled = rows[0].get<bool>(2),
                    .phc = rows[0].get<std::string>(3),
                    .scram = rows[0].get<std::string>(4),
                    .twoFactorsRequired = rows[0].get<bool>(5),
                    .totpInForce = rows[0].get<bool>(6),
                    .appPasswordScram = rows[0].get<std::string>(7)};
}

bool CredentialRepository::set(std::string_view login, const StoredPassword& password) {
  const std::string scram = AppPasswordRepository(transaction_).fitting(login, password.scram);
  return transaction_
             .exec("UPDATE posthouse.login SET credential = $2, scram = $3 WHERE login_norm = $1", login, password.phc,
                   scram)
             .affected() == 1;
}

bool CredentialRepository::replace(std::string_view login, std::string_view old, const StoredPassword& password) {
  const std::string scram = AppPasswordRepository(transaction_).fitting(login, password.scram);
  return transaction_
             .exec("UPDATE posthouse.login SET credential = $3, scram = $4 WHERE login_norm = $1 AND credential = $2",
                   login, old, password.phc, scram)
             .affected() == 1;
}

std::string CredentialRepository::sharedSecret(std::string_view name, std::string_view fresh) {
  transaction_.exec("INSERT INTO posthouse.accountd_secret (name, octets) VALUES ($1, $2) ON CONFLICT DO NOTHING", name,
                    db::Octets{fresh});
  const auto rows = transaction_.exec1("SELECT octets FROM posthouse.accountd_secret WHERE name = $1", name);
  return std::string(rows[0].view(0));
}

}  // namespace posthouse::store
