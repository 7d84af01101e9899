#include "store/account_repository.h"

#include "store/address_claim.h"
#include "store/mailbox_repository.h"

namespace posthouse::store {
namespace {

constexpr std::string_view kSelect = R"sql(
  SELECT a.account_id, a.address, a.enabled, a.created_at, s.quota_bytes, s.quota_msgs, s.bytes_used, s.msgs_used
    FROM posthouse.login l
    JOIN posthouse.account a ON a.account_id = l.account_id
    JOIN posthouse.account_state s ON s.account_id = l.account_id
   WHERE )sql";

Account fromRow(const db::Row& row) {
  return {.id = row.get<AccountId>(0),
          .address = row.get<std::string>(1),
          .enabled = row.get<bool>(2),
          .createdAt = row.get<std::chrono::system_clock::time_point>(3),
          .quota = {.limitBytes = row.get<std::int64_t>(4),
                    .limitMessages = row.get<std::int64_t>(5),
                    .usedBytes = row.get<std::int64_t>(6),
                    .usedMessages = row.get<std::int64_t>(7)}};
}

}  // namespace

std::expected<AccountId, DirectoryError> AccountRepository::create(std::string_view localPart, std::string_view domain,
                                                                   std::string_view credential,
                                                                   std::int64_t quotaBytes) {
  const std::string address = std::string(localPart) + '@' + std::string(domain);
  if (!holdDomain(transaction_, domain)) return std::unexpected(DirectoryError::noSuchDomain);
  claimAddress(transaction_, address);
  const auto taken = transaction_.exec(
      "SELECT 1 FROM posthouse.login WHERE login_norm = $1 UNION ALL SELECT 1 FROM posthouse.alias WHERE address = $1",
      address);
  if (!taken.empty()) return std::unexpected(DirectoryError::exists);

  const auto id = transaction_
                      .exec1(R"sql(
    INSERT INTO posthouse.account (account_id, address) VALUES (nextval('posthouse.account_id'), $1) RETURNING account_id)sql",
                             address)[0]
                      .get<AccountId>(0);
  transaction_.exec("INSERT INTO posthouse.login (login_norm, account_id, domain, credential) VALUES ($1, $2, $3, $4)",
                    address, id, domain, credential);
  transaction_.exec(R"sql(
    INSERT INTO posthouse.account_state (account_id, quota_bytes, last_uidvalidity)
    SELECT $1, $2, coalesce((SELECT r.last_uidvalidity FROM posthouse.retired_login r WHERE r.login_norm = $3), 0))sql",
                    id, quotaBytes, address);
  MailboxRepository(transaction_, id).createDefaults();
  return id;
}

std::optional<Account> AccountRepository::find(std::string_view address) {
  const auto rows = transaction_.exec(std::string(kSelect) + "l.login_norm = $1", address);
  return rows.empty() ? std::nullopt : std::optional(fromRow(rows[0]));
}

std::vector<Account> AccountRepository::list(std::string_view domain, std::string_view after, int limit) {
  std::vector<Account> accounts;
  const auto rows =
      domain.empty()
          ? transaction_.exec(std::string(kSelect) + "l.login_norm > $1 ORDER BY l.login_norm LIMIT $2", after, limit)
          : transaction_.exec(
                std::string(kSelect) + "l.domain = $3 AND l.login_norm > $1 ORDER BY l.login_norm LIMIT $2", after,
                limit, domain);
  for (const auto& row : rows) accounts.push_back(fromRow(row));
  return accounts;
}

bool AccountRepository::setEnabled(std::string_view address, bool enabled) {
  return transaction_
             .exec(R"sql(
    UPDATE posthouse.account SET enabled = $2
     WHERE account_id = (SELECT account_id FROM posthouse.login WHERE login_norm = $1))sql",
                   address, enabled)
             .affected() == 1;
}

bool AccountRepository::remove(std::string_view address) {
  return transaction_.exec1("SELECT posthouse.remove_account($1)", address)[0].get<bool>(0);
}

}  // namespace posthouse::store
