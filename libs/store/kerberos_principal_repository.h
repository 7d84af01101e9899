#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// Whom the tickets of a principal open.
struct KerberosPrincipalHolder {
  AccountId account{};
  std::string address;
  bool enabled = true;
};

/// Kerberos principals of accounts: a principal is one account's, and goes with it.
class KerberosPrincipalRepository {
 public:
  explicit KerberosPrincipalRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  std::optional<KerberosPrincipalHolder> find(std::string_view principal);
  std::vector<std::string> list(AccountId account);
  /// Until the end of the transaction nobody else adds or removes any, so that what find says stays true.
  void hold();
  /// Does nothing for what somebody has already.
  void add(AccountId account, const std::vector<std::string>& principals);
  void remove(AccountId account, const std::vector<std::string>& principals);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
