#include "store/totp_repository.h"

namespace posthouse::store {
namespace {

std::optional<Totp> firstOf(const db::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return Totp{rows[0].get<std::string>(0), rows[0].get<bool>(1), rows[0].get<std::int64_t>(2), rows[0].get<int>(3)};
}

}  // namespace

std::optional<Totp> TotpRepository::find(AccountId account) {
  return firstOf(transaction_.exec(
      "SELECT secret, in_force, last_step, wrong_codes FROM posthouse.totp WHERE account_id = $1", account));
}

std::optional<Totp> TotpRepository::hold(AccountId account, int mostWrongCodes) {
  // A row that does not fit is not waited for: whoever goes on guessing keeps nobody else waiting.
  return firstOf(transaction_.exec(
      "SELECT secret, in_force, last_step, wrong_codes FROM posthouse.totp WHERE account_id = $1 AND wrong_codes < $2 "
      "FOR NO KEY UPDATE",
      account, mostWrongCodes));
}

void TotpRepository::countWrongCode(AccountId account) {
  transaction_.exec("UPDATE posthouse.totp SET wrong_codes = wrong_codes + 1 WHERE account_id = $1", account);
}

bool TotpRepository::enroll(AccountId account, std::string_view sealed) {
  return transaction_
             .exec(R"sql(
    INSERT INTO posthouse.totp AS t (account_id, secret) VALUES ($1, $2)
    ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE NOT t.in_force)sql",
                   account, db::Octets{sealed})
             .affected() == 1;
}

void TotpRepository::putInForce(AccountId account) {
  transaction_.exec("UPDATE posthouse.totp SET in_force = true WHERE account_id = $1", account);
}

bool TotpRepository::remove(AccountId account) {
  return transaction_.exec("DELETE FROM posthouse.totp WHERE account_id = $1", account).affected() == 1;
}

bool TotpRepository::takeStep(AccountId account, std::int64_t step, std::string_view sealed) {
  return transaction_
             .exec(
                 "UPDATE posthouse.totp SET last_step = $2, secret = $3, wrong_codes = 0 "
                 "WHERE account_id = $1 AND last_step < $2",
                 account, step, db::Octets{sealed})
             .affected() == 1;
}

void TotpRepository::setRecoveryCodes(AccountId account, const std::vector<std::string>& digests) {
  transaction_.exec("DELETE FROM posthouse.recovery_code WHERE account_id = $1", account);
  std::vector<db::Octets> octets;
  for (const std::string& digest : digests) octets.push_back({digest});
  transaction_.exec("INSERT INTO posthouse.recovery_code (account_id, digest) SELECT $1, d FROM unnest($2::bytea[]) d",
                    account, octets);
}

std::int64_t TotpRepository::recoveryCodes(AccountId account) {
  return transaction_.exec1("SELECT count(*) FROM posthouse.recovery_code WHERE account_id = $1", account)[0]
      .get<std::int64_t>(0);
}

bool TotpRepository::takeRecoveryCode(AccountId account, std::string_view digest) {
  // In the order in which remove() locks; nothing, if the code is not there.
  transaction_.exec(R"sql(
    SELECT FROM posthouse.totp t JOIN posthouse.recovery_code c USING (account_id)
     WHERE t.account_id = $1 AND c.digest = $2 FOR NO KEY UPDATE OF t)sql",
                    account, db::Octets{digest});
  const bool isTaken = transaction_
                           .exec("DELETE FROM posthouse.recovery_code WHERE account_id = $1 AND digest = $2", account,
                                 db::Octets{digest})
                           .affected() == 1;
  if (isTaken) transaction_.exec("UPDATE posthouse.totp SET wrong_codes = 0 WHERE account_id = $1", account);
  return isTaken;
}

}  // namespace posthouse::store
