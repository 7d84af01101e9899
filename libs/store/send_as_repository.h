#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// What an account was granted.
struct Grants {
  std::string address;  // the account's
  std::vector<std::string> granted;
};

/// What accounts may send as beside what is theirs: addresses, or "@example.org" for all of a domain. A grant goes with
/// the account that has it, and with the account, alias or domain that it is for.
class SendAsRepository {
 public:
  explicit SendAsRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  std::vector<std::string> list(AccountId account);
  /// Up to `limit` accounts that have any, by address, from the one after `after`; of one domain, or of all if it is
  /// empty.
  std::vector<Grants> list(std::string_view domain, std::string_view after, int limit);
  /// Whether one of these is granted to it.
  bool hasAny(AccountId account, const std::vector<std::string>& addresses);
  /// Does nothing for what it has already.
  void add(AccountId account, const std::vector<std::string>& addresses);
  void remove(AccountId account, const std::vector<std::string>& addresses);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
