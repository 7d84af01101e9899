#pragma once
#include <string>

#include "db/database.h"
#include "logins/credentials.h"

namespace posthouse::accountd {

class StoreCredentials : public Credentials {
 public:
  explicit StoreCredentials(db::Database& database) noexcept : database_(database) {}

  Task<std::optional<Credential>> find(std::string login) override;
  Task<> replace(std::string login, std::string old, Secrets fresh) override;
  Task<std::string> sharedSecret(std::string name) override;

 private:
  db::Database& database_;
};

}  // namespace posthouse::accountd
