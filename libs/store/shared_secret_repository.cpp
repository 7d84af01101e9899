#include "store/shared_secret_repository.h"

#include <ranges>

namespace posthouse::store {

std::optional<SealedSecret> SharedSecretRepository::find(std::string_view login, std::string_view kind) {
  const auto rows = transaction_.exec(R"sql(
    SELECT a.account_id, a.address, a.enabled, s.sealed
      FROM posthouse.login l
      JOIN posthouse.account a ON a.account_id = l.account_id
      LEFT JOIN posthouse.shared_secret s ON s.account_id = l.account_id AND s.kind = $2
     WHERE l.login_norm = $1)sql",
                                      login, kind);
  if (rows.empty()) return std::nullopt;
  return SealedSecret{.account = rows[0].get<AccountId>(0),
                      .address = rows[0].get<std::string>(1),
                      .enabled = rows[0].get<bool>(2),
                      .sealed = std::string(rows[0].view(3))};
}

void SharedSecretRepository::set(AccountId account, std::string_view kind, std::string_view sealed) {
  transaction_.exec(R"sql(
    INSERT INTO posthouse.shared_secret (account_id, kind, sealed) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, kind) DO UPDATE SET sealed = excluded.sealed)sql",
                    account, kind, db::Octets{sealed});
}

void SharedSecretRepository::replace(AccountId account, std::string_view kind, std::string_view old,
                                     std::string_view sealed) {
  transaction_.exec(
      "UPDATE posthouse.shared_secret SET sealed = $4 WHERE account_id = $1 AND kind = $2 AND sealed = $3", account,
      kind, db::Octets{old}, db::Octets{sealed});
}

bool SharedSecretRepository::remove(AccountId account, std::string_view kind) {
  return transaction_.exec("DELETE FROM posthouse.shared_secret WHERE account_id = $1 AND kind = $2", account, kind)
             .affected() == 1;
}

std::vector<std::string> SharedSecretRepository::kinds(AccountId account) {
  std::vector<std::string> kinds;
  const auto rows =
      transaction_.exec("SELECT kind FROM posthouse.shared_secret WHERE account_id = $1 ORDER BY kind", account);
  for (const auto& row : rows) kinds.push_back(row.get<std::string>(0));
  return kinds;
}

std::vector<SharedSecretKinds> SharedSecretRepository::list(std::string_view domain, std::string_view after,
                                                            int limit) {
  std::vector<SharedSecretKinds> accounts;
  const auto rows = transaction_.exec(R"sql(
    SELECT l.login_norm, string_agg(s.kind, ' ' ORDER BY s.kind)
      FROM posthouse.shared_secret s JOIN posthouse.login l ON l.account_id = s.account_id
     WHERE ($1 = '' OR l.domain = $1) AND l.login_norm > $2
     GROUP BY l.login_norm ORDER BY l.login_norm LIMIT $3)sql",
                                      domain, after, limit);
  for (const auto& row : rows) {
    SharedSecretKinds& account = accounts.emplace_back(row.get<std::string>(0));
    for (const auto kind : std::views::split(row.view(1), ' ')) account.kinds.emplace_back(std::string_view(kind));
  }
  return accounts;
}

}  // namespace posthouse::store
