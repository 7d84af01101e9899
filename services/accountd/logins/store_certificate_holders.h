#pragma once
#include "db/database.h"
#include "logins/certificate_holders.h"

namespace posthouse::accountd {

class StoreCertificateHolders final : public CertificateHolders {
 public:
  explicit StoreCertificateHolders(db::Database& database) noexcept : database_(database) {}

  Task<std::optional<CertificateHolder>> registered(std::string fingerprint) override;
  Task<std::vector<CertificateHolder>> individuals(std::vector<std::string> addresses) override;

 private:
  db::Database& database_;
};

}  // namespace posthouse::accountd
