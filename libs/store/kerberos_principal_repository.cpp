#include "store/kerberos_principal_repository.h"

namespace posthouse::store {

std::optional<KerberosPrincipalHolder> KerberosPrincipalRepository::find(std::string_view principal) {
  const auto rows = transaction_.exec(R"sql(
    SELECT a.account_id, a.address, a.enabled
      FROM posthouse.kerberos_principal p JOIN posthouse.account a USING (account_id) WHERE p.principal = $1)sql",
                                      principal);
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  return KerberosPrincipalHolder{row.get<AccountId>(0), row.get<std::string>(1), row.get<bool>(2)};
}

std::vector<std::string> KerberosPrincipalRepository::list(AccountId account) {
  std::vector<std::string> principals;
  const auto rows = transaction_.exec(
      "SELECT principal FROM posthouse.kerberos_principal WHERE account_id = $1 ORDER BY principal", account);
  for (const auto& row : rows) principals.push_back(row.get<std::string>(0));
  return principals;
}

void KerberosPrincipalRepository::hold() {
  transaction_.exec("LOCK TABLE posthouse.kerberos_principal IN SHARE ROW EXCLUSIVE MODE");
}

void KerberosPrincipalRepository::add(AccountId account, const std::vector<std::string>& principals) {
  transaction_.exec(
      "INSERT INTO posthouse.kerberos_principal (account_id, principal) SELECT $1, p FROM unnest($2::text[]) p "
      "ON CONFLICT DO NOTHING",
      account, principals);
}

void KerberosPrincipalRepository::remove(AccountId account, const std::vector<std::string>& principals) {
  transaction_.exec("DELETE FROM posthouse.kerberos_principal WHERE account_id = $1 AND principal = ANY ($2::text[])",
                    account, principals);
}

}  // namespace posthouse::store
