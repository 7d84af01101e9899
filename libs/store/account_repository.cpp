#include "store/account_repository.h"

#include "store/mailbox_repository.h"

namespace posthouse::store {
namespace {

constexpr std::string_view kSelect = R"sql(
  SELECT a.account_id, a.address, a.enabled, a.created_at, s.quota_bytes, s.quota_msgs, s.bytes_used, s.msgs_used, a.kind, a.members_only, a.directory
    FROM posthouse.login l
    JOIN posthouse.account a ON a.account_id = l.account_id
    JOIN posthouse.account_state s ON s.account_id = l.account_id
   WHERE )sql";

constexpr std::pair<std::string_view, Role> kFirstMailboxes[] = {{"INBOX", Role::inbox}, {"Drafts", Role::drafts},
                                                                 {"Sent", Role::sent},   {"Junk", Role::junk},
                                                                 {"Trash", Role::trash}, {"Archive", Role::archive}};

/// As create_accounts says it.
DirectoryError asError(std::string_view refusal) {
  if (refusal == "full") return DirectoryError::full;
  return refusal == "exists" ? DirectoryError::exists : DirectoryError::noSuchDomain;
}

Account fromRow(const db::Row& row) {
  return {.id = row.get<AccountId>(0),
          .address = row.get<std::string>(1),
          .enabled = row.get<bool>(2),
          .createdAt = row.get<std::chrono::system_clock::time_point>(3),
          .quota = {.limitBytes = row.get<std::int64_t>(4),
                    .limitMessages = row.get<std::int64_t>(5),
                    .usedBytes = row.get<std::int64_t>(6),
                    .usedMessages = row.get<std::int64_t>(7)},
          .kind = row.get<AccountKind>(8),
          .membersOnly = row.get<bool>(9),
          .directory = row.get<std::string>(10)};
}

}  // namespace

std::vector<std::expected<AccountId, DirectoryError>> AccountRepository::create(std::span<const NewAccount> accounts) {
  std::vector<std::string> addresses;
  std::vector<std::string> domains;
  std::vector<std::string> credentials;
  std::vector<std::string> scram;
  std::vector<std::optional<std::int64_t>> quotas;
  std::vector<std::int16_t> kinds;
  for (const NewAccount& account : accounts) {
    addresses.push_back(account.localPart + '@' + account.domain);
    domains.push_back(account.domain);
    credentials.push_back(account.credential);
    scram.push_back(account.scram);
    quotas.push_back(account.quotaBytes);
    kinds.push_back(static_cast<std::int16_t>(account.kind));
  }
  std::vector<std::string> mailboxes;
  std::vector<std::string> roles;
  for (const auto& [name, role] : kFirstMailboxes) {
    mailboxes.emplace_back(name);
    roles.emplace_back(toText(role));
  }
  const auto rows =
      transaction_.exec("SELECT account_id, refusal FROM posthouse.create_accounts($1, $2, $3, $4, $5, $6, $7, $8)",
                        addresses, domains, credentials, scram, quotas, kinds, mailboxes, roles);
  std::vector<std::expected<AccountId, DirectoryError>> answers;
  for (const auto& row : rows) {
    const auto refusal = row.get<std::optional<std::string>>(1);
    if (!refusal) {
      answers.emplace_back(row.get<AccountId>(0));
    } else {
      answers.emplace_back(std::unexpected(asError(*refusal)));
    }
  }
  return answers;
}

std::expected<AccountId, DirectoryError> AccountRepository::create(std::string_view localPart, std::string_view domain,
                                                                   std::string_view credential,
                                                                   std::optional<std::int64_t> quotaBytes,
                                                                   AccountKind kind) {
  const NewAccount account{.localPart = std::string(localPart),
                           .domain = std::string(domain),
                           .credential = std::string(credential),
                           .quotaBytes = quotaBytes,
                           .kind = kind};
  return create({&account, 1}).front();
}

std::optional<DirectoryError> AccountRepository::objection(std::string_view address, std::string_view domain) {
  const auto refusal = transaction_
                           .exec1(R"sql(
    SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM posthouse.domain WHERE name = $2) THEN 'no domain'
                WHEN EXISTS (SELECT 1 FROM posthouse.login WHERE login_norm = $1)
                  OR EXISTS (SELECT 1 FROM posthouse.alias WHERE address = $1) THEN 'exists' END)sql",
                                  address, domain)[0]
                           .get<std::optional<std::string>>(0);
  return refusal.transform(asError);
}

std::optional<Account> AccountRepository::find(std::string_view address) {
  const auto rows = transaction_.exec(std::string(kSelect) + "l.login_norm = $1", address);
  return rows.empty() ? std::nullopt : std::optional(fromRow(rows[0]));
}

std::optional<std::string> AccountRepository::oldest(std::string_view domain) {
  const auto rows = transaction_.exec(R"sql(
    SELECT l.login_norm FROM posthouse.login l JOIN posthouse.account a USING (account_id)
     WHERE l.domain = $1 AND a.enabled AND a.kind = 0 ORDER BY a.created_at, a.account_id LIMIT 1)sql",
                                      domain);
  return rows.empty() ? std::nullopt : std::optional(rows[0].get<std::string>(0));
}

std::vector<Account> AccountRepository::list(std::string_view domain, std::string_view after, int limit,
                                             AccountKind kind) {
  std::vector<Account> accounts;
  const auto rows =
      domain.empty()
          ? transaction_.exec(std::string(kSelect) + "l.login_norm > $1 AND a.kind = $3 ORDER BY l.login_norm LIMIT $2",
                              after, limit, kind)
          : transaction_.exec(std::string(kSelect) +
                                  "l.domain = $3 AND l.login_norm > $1 AND a.kind = $4 ORDER BY l.login_norm LIMIT $2",
                              after, limit, domain, kind);
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

bool AccountRepository::setDirectory(AccountId account, std::string_view directory) {
  return transaction_.exec("UPDATE posthouse.account SET directory = $2 WHERE account_id = $1", account, directory)
             .affected() == 1;
}

bool AccountRepository::remove(std::string_view address) {
  // Whoever has the address next has not agreed to it.
  transaction_.exec("DELETE FROM posthouse.send_as WHERE address = $1", address);
  return transaction_.exec1("SELECT posthouse.remove_account($1)", address)[0].get<bool>(0);
}

}  // namespace posthouse::store
