#pragma once
#include "credentials.h"
#include "db/database.h"
#include "resolve.h"

namespace posthouse::accountd {

/// The address book as one transaction sees it. Lives inside of that transaction.
class StoreAddressBook : public AddressBook {
 public:
  explicit StoreAddressBook(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  bool isLocalDomain(std::string_view domain) override;
  std::optional<std::int64_t> account(const Address& address) override;
  std::vector<std::string> aliasMembers(const Address& address) override;

 private:
  db::Transaction& transaction_;
};

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
