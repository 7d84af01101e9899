#include "store/account_repository.h"

namespace posthouse::store {

bool DomainRepository::exists(std::string_view name) {
  return !transaction_.exec("SELECT 1 FROM posthouse.domain WHERE name = $1", name).empty();
}

std::expected<void, DirectoryError> DomainRepository::add(std::string_view name) {
  const auto added =
      transaction_.exec("INSERT INTO posthouse.domain (name) VALUES ($1) ON CONFLICT DO NOTHING", name).affected();
  if (added == 0) return std::unexpected(DirectoryError::exists);
  return {};
}

std::vector<Domain> DomainRepository::list() {
  std::vector<Domain> domains;
  const auto rows = transaction_.exec(R"sql(
    SELECT d.name, (SELECT count(*) FROM posthouse.login l WHERE l.domain = d.name), (SELECT count(*) FROM posthouse.alias a WHERE a.domain = d.name)
      FROM posthouse.domain d ORDER BY d.name)sql");
  for (const auto& row : rows) {
    domains.push_back({row.get<std::string>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2)});
  }
  return domains;
}

std::expected<void, DirectoryError> DomainRepository::remove(std::string_view name) {
  // FOR UPDATE: whoever adds an address to the domain holds a share lock on it.
  if (transaction_.exec("SELECT 1 FROM posthouse.domain WHERE name = $1 FOR UPDATE", name).empty()) {
    return std::unexpected(DirectoryError::notFound);
  }
  const bool isUsed = transaction_
                          .exec1(R"sql(
    SELECT EXISTS (SELECT 1 FROM posthouse.login WHERE domain = $1) OR EXISTS (SELECT 1 FROM posthouse.alias WHERE domain = $1))sql",
                                 name)[0]
                          .get<bool>(0);
  if (isUsed) return std::unexpected(DirectoryError::inUse);
  transaction_.exec("DELETE FROM posthouse.domain WHERE name = $1", name);
  return {};
}

}  // namespace posthouse::store
