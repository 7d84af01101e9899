#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "db/transaction.h"

namespace posthouse::store {

/// Makes whoever else wants to give this address to an account or an alias wait until the commit.
inline void claimAddress(db::Transaction& transaction, std::string_view address) {
  transaction.exec("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", address);
}

/// What a new address has to respect.
struct DomainLimits {
  std::int64_t maxUsers = 0;  // 0: any number
  std::int64_t maxAliases = 0;
  std::int64_t defaultQuotaBytes = 0;
};

/// Keeps the domain from being removed until the commit; nothing if there is none. Whoever adds to a domain that has
/// limits waits for those who do so too: what is counted after this stays true.
inline std::optional<DomainLimits> holdDomain(db::Transaction& transaction, std::string_view domain) {
  const auto limits = [&](std::string_view lock) -> std::optional<DomainLimits> {
    const std::string sql = "SELECT max_users, max_aliases, default_quota_bytes FROM posthouse.domain WHERE name = $1 ";
    const auto rows = transaction.exec(sql + std::string(lock), domain);
    if (rows.empty()) return std::nullopt;
    return DomainLimits{rows[0].get<std::int64_t>(0), rows[0].get<std::int64_t>(1), rows[0].get<std::int64_t>(2)};
  };
  const auto found = limits("FOR KEY SHARE");
  if (!found || (found->maxUsers == 0 && found->maxAliases == 0)) return found;
  return limits("FOR NO KEY UPDATE");
}

}  // namespace posthouse::store
