#include "store/app_password_repository.h"

#include <algorithm>
#include <ranges>

namespace posthouse::store {
namespace {

std::vector<std::string> wordsOf(std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : std::views::split(text, ' '))
    if (!word.empty()) words.emplace_back(std::string_view(word));
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

LoginAppPassword loginAppPassword(const db::Row& row) {
  return {row.get<AppPasswordId>(0), row.get<std::string>(1), wordsOf(row.view(2)), wordsOf(row.view(3))};
}

/// "SCRAM-SHA-256" and "SCRAM-SHA-256$10000:salt" of "SCRAM-SHA-256$10000:salt$StoredKey:ServerKey".
struct Salt {
  std::string_view mechanism;
  std::string_view whole;
};

Salt saltOf(std::string_view keys) {
  const std::size_t first = std::min(keys.find('$'), keys.size());
  return {keys.substr(0, first), keys.substr(0, keys.find('$', std::min(first + 1, keys.size())))};
}

}  // namespace

bool haveOneSalt(std::string_view kept, std::string_view made) {
  const std::vector<std::string> others = wordsOf(kept);
  return std::ranges::all_of(wordsOf(made), [&](const std::string& keys) {
    return std::ranges::all_of(others, [salt = saltOf(keys)](const std::string& other) {
      return saltOf(other).mechanism != salt.mechanism || saltOf(other).whole == salt.whole;
    });
  });
}

bool AppPasswordRepository::add(AccountId account, const AppPassword& password, const AppPasswordSecret& secret) {
  return transaction_
             .exec(R"sql(
    INSERT INTO posthouse.app_password (account_id, label, digest, scram, protocols, networks, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id, label) DO NOTHING)sql",
                   account, password.label, db::Octets{secret.digest}, secret.scram, joined(password.protocols),
                   joined(password.networks), password.createdAt, password.expiresAt)
             .affected() == 1;
}

std::vector<AppPassword> AppPasswordRepository::list(AccountId account) {
  std::vector<AppPassword> passwords;
  const auto rows = transaction_.exec(R"sql(
    SELECT app_password_id, label, protocols, networks, created_at, expires_at, used_at, used_protocol, used_address
      FROM posthouse.app_password WHERE account_id = $1 ORDER BY label)sql",
                                      account);
  for (const auto& row : rows)
    passwords.push_back({.id = row.get<AppPasswordId>(0),
                         .label = row.get<std::string>(1),
                         .protocols = wordsOf(row.view(2)),
                         .networks = wordsOf(row.view(3)),
                         .createdAt = row.get<AppPassword::Time>(4),
                         .expiresAt = row.get<std::optional<AppPassword::Time>>(5),
                         .usedAt = row.get<std::optional<AppPassword::Time>>(6),
                         .usedProtocol = row.get<std::string>(7),
                         .usedAddress = row.get<std::string>(8)});
  return passwords;
}

bool AppPasswordRepository::remove(AccountId account, std::string_view label) {
  return transaction_.exec("DELETE FROM posthouse.app_password WHERE account_id = $1 AND label = $2", account, label)
             .affected() == 1;
}

std::optional<LoginAppPassword> AppPasswordRepository::find(AccountId account, std::string_view digest) {
  const auto rows = transaction_.exec(R"sql(
    SELECT app_password_id, scram, protocols, networks FROM posthouse.app_password
     WHERE account_id = $1 AND digest = $2 AND (expires_at IS NULL OR expires_at > clock_timestamp()))sql",
                                      account, db::Octets{digest});
  return rows.empty() ? std::nullopt : std::optional(loginAppPassword(rows[0]));
}

std::vector<LoginAppPassword> AppPasswordRepository::usable(AccountId account) {
  std::vector<LoginAppPassword> passwords;
  const auto rows = transaction_.exec(R"sql(
    SELECT app_password_id, scram, protocols, networks FROM posthouse.app_password
     WHERE account_id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp()))sql",
                                      account);
  for (const auto& row : rows) passwords.push_back(loginAppPassword(row));
  return passwords;
}

std::string AppPasswordRepository::scram(AccountId account) {
  const auto rows = transaction_.exec(R"sql(
    SELECT coalesce(nullif(l.scram, ''), (SELECT p.scram FROM posthouse.app_password p WHERE p.account_id = $1 LIMIT 1), '')
      FROM posthouse.login l WHERE l.account_id = $1)sql",
                                      account);
  return rows.empty() ? std::string() : rows[0].get<std::string>(0);
}

std::string AppPasswordRepository::holdScram(AccountId account) {
  transaction_.exec("SELECT 1 FROM posthouse.login WHERE account_id = $1 FOR NO KEY UPDATE", account);
  return scram(account);
}

std::string AppPasswordRepository::fitting(std::string_view login, std::string scram) {
  const auto account =
      transaction_.exec("SELECT account_id FROM posthouse.login WHERE login_norm = $1 FOR NO KEY UPDATE", login);
  if (account.empty()) return scram;
  const auto kept = transaction_.exec("SELECT scram FROM posthouse.app_password WHERE account_id = $1 LIMIT 1",
                                      account[0].get<AccountId>(0));
  if (!kept.empty() && !haveOneSalt(kept[0].view(0), scram)) scram.clear();
  return scram;
}

void AppPasswordRepository::noteUses(const std::vector<AppPasswordUse>& uses) {
  std::vector<AppPasswordId> ids;
  std::vector<std::optional<std::chrono::system_clock::time_point>> times;
  std::vector<std::string> protocols;
  std::vector<std::string> addresses;
  for (const AppPasswordUse& use : uses) {
    ids.push_back(use.id);
    times.emplace_back(use.at);
    protocols.push_back(use.protocol);
    addresses.push_back(use.address);
  }
  transaction_.exec("SELECT posthouse.note_app_password_uses($1, $2, $3, $4)", ids, times, protocols, addresses);
}

}  // namespace posthouse::store
