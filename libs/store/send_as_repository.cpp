#include "store/send_as_repository.h"

namespace posthouse::store {

std::vector<std::string> SendAsRepository::list(AccountId account) {
  std::vector<std::string> addresses;
  const auto rows =
      transaction_.exec("SELECT address FROM posthouse.send_as WHERE account_id = $1 ORDER BY address", account);
  for (const auto& row : rows) addresses.push_back(row.get<std::string>(0));
  return addresses;
}

std::vector<Grants> SendAsRepository::list(std::string_view domain, std::string_view after, int limit) {
  const auto rows = transaction_.exec(R"sql(
    SELECT a.address, s.address FROM (
        SELECT l.account_id, l.login_norm AS address FROM posthouse.login l
         WHERE ($3 = '' OR l.domain = $3) AND l.login_norm > $1 AND EXISTS (SELECT 1 FROM posthouse.send_as s WHERE s.account_id = l.account_id)
         ORDER BY l.login_norm LIMIT $2) a
      JOIN posthouse.send_as s USING (account_id)
     ORDER BY a.address, s.address)sql",
                                      after, limit, domain);
  std::vector<Grants> all;
  for (const auto& row : rows) {
    auto address = row.get<std::string>(0);
    if (all.empty() || all.back().address != address) all.push_back({std::move(address), {}});
    all.back().granted.push_back(row.get<std::string>(1));
  }
  return all;
}

bool SendAsRepository::hasAny(AccountId account, const std::vector<std::string>& addresses) {
  return !transaction_
              .exec("SELECT 1 FROM posthouse.send_as WHERE account_id = $1 AND address = ANY ($2::text[]) LIMIT 1",
                    account, addresses)
              .empty();
}

void SendAsRepository::add(AccountId account, const std::vector<std::string>& addresses) {
  transaction_.exec(
      "INSERT INTO posthouse.send_as (account_id, address) SELECT $1, a FROM unnest($2::text[]) a "
      "ON CONFLICT DO NOTHING",
      account, addresses);
}

void SendAsRepository::remove(AccountId account, const std::vector<std::string>& addresses) {
  transaction_.exec("DELETE FROM posthouse.send_as WHERE account_id = $1 AND address = ANY ($2::text[])", account,
                    addresses);
}

}  // namespace posthouse::store
