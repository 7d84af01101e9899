#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// Somebody who administers a domain, or everything.
struct Administrator {
  std::string address;
  std::string domain;  // empty: everything

  auto operator<=>(const Administrator&) const = default;
};

class AdministratorRepository {
 public:
  explicit AdministratorRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// By address.
  std::vector<Administrator> list();
  /// Those who administer exactly this: a domain, or everything.
  std::vector<std::string> of(std::string_view domain);
  /// What the account administers: domains, or "" for everything.
  std::vector<std::string> domains(AccountId account);
  /// False if it does so already.
  bool add(AccountId account, std::string_view domain);
  /// False if it did not.
  bool remove(AccountId account, std::string_view domain);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
