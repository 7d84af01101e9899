#include "store/account_repository.h"

namespace posthouse::store {
namespace {

constexpr std::string_view kSettings = R"sql(
  SELECT catch_all, separators, default_quota_bytes, max_users, max_aliases, two_factors_required FROM posthouse.domain WHERE name = $1)sql";

constexpr std::string_view kDomains = R"sql(
  SELECT d.name, (SELECT count(*) FROM posthouse.login l WHERE l.domain = d.name), (SELECT count(*) FROM posthouse.alias a WHERE a.domain = d.name),
         d.catch_all, d.separators, d.default_quota_bytes, d.max_users, d.max_aliases, d.two_factors_required
    FROM posthouse.domain d )sql";

/// From its columns, of which `first` is catch_all.
DomainSettings settingsOf(const db::Row& row, int first) {
  return {.catchAll = row.get<std::string>(first),
          .separators = row.get<std::string>(first + 1),
          .defaultQuotaBytes = row.get<std::int64_t>(first + 2),
          .maxUsers = row.get<std::int64_t>(first + 3),
          .maxAliases = row.get<std::int64_t>(first + 4),
          .twoFactorsRequired = row.get<bool>(first + 5)};
}

Domain domainOf(const db::Row& row) {
  return {row.get<std::string>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2), settingsOf(row, 3)};
}

std::optional<DomainSettings> onlySettings(const db::Rows& rows) {
  return rows.empty() ? std::nullopt : std::optional(settingsOf(rows[0], 0));
}

}  // namespace

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
  const auto rows = transaction_.exec(std::string(kDomains) + "ORDER BY d.name");
  for (const auto& row : rows) domains.push_back(domainOf(row));
  return domains;
}

std::optional<Domain> DomainRepository::find(std::string_view name) {
  const auto rows = transaction_.exec(std::string(kDomains) + "WHERE d.name = $1", name);
  return rows.empty() ? std::nullopt : std::optional(domainOf(rows[0]));
}

std::optional<std::string> DomainRepository::oldest() {
  const auto rows = transaction_.exec("SELECT name FROM posthouse.domain ORDER BY created_at, name LIMIT 1");
  return rows.empty() ? std::nullopt : std::optional(rows[0].get<std::string>(0));
}

std::optional<DomainSettings> DomainRepository::settings(std::string_view name) {
  return onlySettings(transaction_.exec(kSettings, name));
}

std::optional<DomainSettings> DomainRepository::hold(std::string_view name) {
  return onlySettings(transaction_.exec(std::string(kSettings) + " FOR NO KEY UPDATE", name));
}

void DomainRepository::set(std::string_view name, const DomainSettings& settings) {
  transaction_.exec(R"sql(
    UPDATE posthouse.domain SET catch_all = $2, separators = $3, default_quota_bytes = $4, max_users = $5, max_aliases = $6,
           two_factors_required = $7
     WHERE name = $1)sql",
                    name, settings.catchAll, settings.separators, settings.defaultQuotaBytes, settings.maxUsers,
                    settings.maxAliases, settings.twoFactorsRequired);
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
  transaction_.exec("DELETE FROM posthouse.administrator WHERE domain = $1", name);
  transaction_.exec("DELETE FROM posthouse.send_as WHERE address = '@' || $1", name);
  transaction_.exec("DELETE FROM posthouse.domain WHERE name = $1", name);
  return {};
}

}  // namespace posthouse::store
