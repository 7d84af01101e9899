#pragma once
#include "db/database.h"
#include "kerberos/principals.h"

namespace posthouse::accountd {

class StoreKerberosPrincipals final : public KerberosPrincipals {
 public:
  explicit StoreKerberosPrincipals(db::Database& database) noexcept : database_(database) {}

  Task<std::optional<PrincipalHolder>> find(std::string principal) override;

 private:
  db::Database& database_;
};

}  // namespace posthouse::accountd
