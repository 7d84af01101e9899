#include "store/administrator_repository.h"

namespace posthouse::store {
namespace {

std::vector<std::string> column(const db::Rows& rows) {
  std::vector<std::string> values;
  for (const auto& row : rows) values.push_back(row.get<std::string>(0));
  return values;
}

}  // namespace

std::vector<Administrator> AdministratorRepository::list() {
  std::vector<Administrator> administrators;
  const auto rows = transaction_.exec(R"sql(
    SELECT a.address, d.domain FROM posthouse.administrator d JOIN posthouse.account a USING (account_id) ORDER BY 1, 2)sql");
  for (const auto& row : rows) administrators.push_back({row.get<std::string>(0), row.get<std::string>(1)});
  return administrators;
}

std::vector<std::string> AdministratorRepository::of(std::string_view domain) {
  return column(transaction_.exec(R"sql(
    SELECT a.address FROM posthouse.administrator d JOIN posthouse.account a USING (account_id)
     WHERE d.domain = $1 AND a.enabled ORDER BY 1)sql",
                                  domain));
}

std::vector<std::string> AdministratorRepository::domains(AccountId account) {
  return column(
      transaction_.exec("SELECT domain FROM posthouse.administrator WHERE account_id = $1 ORDER BY 1", account));
}

bool AdministratorRepository::add(AccountId account, std::string_view domain) {
  return transaction_
             .exec(
                 "INSERT INTO posthouse.administrator (account_id, domain) VALUES ($1, $2) "
                 "ON CONFLICT DO NOTHING",
                 account, domain)
             .affected() == 1;
}

bool AdministratorRepository::remove(AccountId account, std::string_view domain) {
  return transaction_.exec("DELETE FROM posthouse.administrator WHERE account_id = $1 AND domain = $2", account, domain)
             .affected() == 1;
}

}  // namespace posthouse::store
