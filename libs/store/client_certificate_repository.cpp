#include "store/client_certificate_repository.h"

namespace posthouse::store {
namespace {

ClientCertificateRepository::Holder holderIn(const db::Row& row) {
  return {.account = row.get<AccountId>(0), .address = row.get<std::string>(1), .enabled = row.get<bool>(2)};
}

}  // namespace

std::optional<ClientCertificateRepository::Holder> ClientCertificateRepository::holder(std::string_view fingerprint) {
  const auto rows = transaction_.exec(R"sql(
    SELECT a.account_id, a.address, a.enabled FROM posthouse.client_certificate c
      JOIN posthouse.account a USING (account_id) WHERE c.fingerprint = $1 AND a.kind = 0)sql",
                                      db::Octets{fingerprint});
  if (rows.empty()) return std::nullopt;
  return holderIn(rows[0]);
}

std::vector<ClientCertificateRepository::Holder> ClientCertificateRepository::individuals(
    const std::vector<std::string>& addresses) {
  const auto rows = transaction_.execPrepared(R"sql(
    SELECT a.account_id, a.address, a.enabled FROM posthouse.login l JOIN posthouse.account a USING (account_id)
     WHERE l.login_norm = ANY ($1::text[]) AND a.kind = 0 ORDER BY l.login_norm)sql",
                                              addresses);
  std::vector<Holder> holders;
  for (const auto& row : rows) holders.push_back(holderIn(row));
  return holders;
}

bool ClientCertificateRepository::add(AccountId account, const ClientCertificate& certificate) {
  return !transaction_
              .exec(R"sql(
    INSERT INTO posthouse.client_certificate (fingerprint, account_id, label, subject, not_after)
    VALUES ($1, $2, $3, $4, to_timestamp($5::bigint)) ON CONFLICT DO NOTHING RETURNING 1)sql",
                    db::Octets{certificate.fingerprint}, account, certificate.label, certificate.subject,
                    static_cast<std::int64_t>(certificate.notAfter.time_since_epoch().count()))
              .empty();
}

std::vector<ClientCertificate> ClientCertificateRepository::list(AccountId account) {
  const auto rows = transaction_.exec(R"sql(
    SELECT fingerprint, label, subject, extract(epoch FROM not_after)::bigint, added_at
      FROM posthouse.client_certificate WHERE account_id = $1 ORDER BY added_at, fingerprint)sql",
                                      account);
  std::vector<ClientCertificate> certificates;
  for (const auto& row : rows)
    certificates.push_back({.fingerprint = row.get<std::string>(0),
                            .label = row.get<std::string>(1),
                            .subject = row.get<std::string>(2),
                            .notAfter = std::chrono::sys_seconds(std::chrono::seconds(row.get<std::int64_t>(3))),
                            .addedAt = row.get<std::chrono::system_clock::time_point>(4)});
  return certificates;
}

bool ClientCertificateRepository::remove(AccountId account, std::string_view fingerprint) {
  return !transaction_
              .exec("DELETE FROM posthouse.client_certificate WHERE account_id = $1 AND fingerprint = $2 RETURNING 1",
                    account, db::Octets{fingerprint})
              .empty();
}

}  // namespace posthouse::store
