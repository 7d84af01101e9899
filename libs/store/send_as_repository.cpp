#include "store/send_as_repository.h"

namespace posthouse::store {

std::vector<std::string> SendAsRepository::list(AccountId account) {
  std::vector<std::string> addresses;
  const auto rows =
      transaction_.exec("SELECT address FROM posthouse.send_as WHERE account_id = $1 ORDER BY address", account);
  for (const auto& row : rows) addresses.push_back(row.get<std::string>(0));
  return addresses;
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
