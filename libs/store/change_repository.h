#pragma once
#include <span>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

struct AccountModSeq {
  AccountId account;
  ModSeq modSeq;
};

/// How far accounts have moved: what programs with sessions poll (ARCHITECTURE.md, rule 5).
class ChangeRepository {
 public:
  explicit ChangeRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// Of those accounts that exist, in any order.
  std::vector<AccountModSeq> modSeqs(std::span<const AccountId> accounts);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
