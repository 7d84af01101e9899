#include "store/account_repository.h"

#include "store/address_claim.h"

namespace posthouse::store {
namespace {

/// Rows of (address, member), ordered by address, as aliases.
std::vector<Alias> gather(const db::Rows& rows) {
  std::vector<Alias> aliases;
  for (const auto& row : rows) {
    if (aliases.empty() || aliases.back().address != row.view(0)) aliases.push_back({row.get<std::string>(0), {}});
    aliases.back().members.push_back(row.get<std::string>(1));
  }
  return aliases;
}

std::int64_t count(db::Transaction& transaction, std::string_view domain) {
  return transaction.exec1("SELECT count(*) FROM posthouse.alias WHERE domain = $1", domain)[0].get<std::int64_t>(0);
}

}  // namespace

std::expected<Alias, DirectoryError> AliasRepository::add(std::string_view localPart, std::string_view domain,
                                                          const std::vector<std::string>& members) {
  const std::string address = std::string(localPart) + '@' + std::string(domain);
  const std::optional<DomainLimits> limits = holdDomain(transaction_, domain);
  if (!limits) return std::unexpected(DirectoryError::noSuchDomain);
  claimAddress(transaction_, address);
  if (!transaction_.exec("SELECT 1 FROM posthouse.login WHERE login_norm = $1", address).empty()) {
    return std::unexpected(DirectoryError::exists);
  }
  if (limits->maxAliases != 0 && !find(address) && count(transaction_, domain) >= limits->maxAliases)
    return std::unexpected(DirectoryError::full);
  transaction_.exec(R"sql(
    INSERT INTO posthouse.alias AS a (address, domain, members)
    SELECT $1, $2, array_agg(DISTINCT m ORDER BY m) FROM unnest($3::text[]) m
    ON CONFLICT (address) DO UPDATE SET members = (SELECT array_agg(DISTINCT m ORDER BY m) FROM unnest(a.members || excluded.members) m))sql",
                    address, domain, members);
  return *find(address);
}

std::optional<Alias> AliasRepository::find(std::string_view address) {
  auto found =
      gather(transaction_.exec("SELECT address, unnest(members) FROM posthouse.alias WHERE address = $1", address));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<Alias> AliasRepository::list(std::string_view domain, std::string_view after, int limit) {
  return gather(transaction_.exec(R"sql(
    SELECT a.address, m.member FROM (
        SELECT address, members FROM posthouse.alias WHERE ($3 = '' OR domain = $3) AND address > $1 ORDER BY address LIMIT $2) a,
      unnest(a.members) WITH ORDINALITY AS m (member, place)
     ORDER BY a.address, m.place)sql",
                                  after, limit, domain));
}

std::expected<void, DirectoryError> AliasRepository::remove(std::string_view address,
                                                            const std::vector<std::string>& members) {
  if (transaction_.exec("SELECT 1 FROM posthouse.alias WHERE address = $1 FOR UPDATE", address).empty()) {
    return std::unexpected(DirectoryError::notFound);
  }
  if (members.empty()) {
    transaction_.exec("DELETE FROM posthouse.send_as WHERE address = $1", address);
    transaction_.exec("DELETE FROM posthouse.alias WHERE address = $1", address);
    return {};
  }
  const auto changed = transaction_.exec(R"sql(
    UPDATE posthouse.alias SET members = array(SELECT m FROM unnest(members) m WHERE m <> ALL ($2::text[]))
     WHERE address = $1 AND members && $2::text[])sql",
                                         address, members);
  if (changed.affected() == 0) return std::unexpected(DirectoryError::notFound);
  const auto emptied =
      transaction_.exec("DELETE FROM posthouse.alias WHERE address = $1 AND members = '{}'", address).affected();
  if (emptied != 0) transaction_.exec("DELETE FROM posthouse.send_as WHERE address = $1", address);
  return {};
}

}  // namespace posthouse::store
