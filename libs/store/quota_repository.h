#pragma once
#include <cstdint>
#include <optional>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

struct Quota {
  std::int64_t limitBytes = 0;  // 0: unlimited
  std::int64_t limitMessages = 0;
  std::int64_t usedBytes = 0;  // exact: raised and lowered by the statements that store and expunge
  std::int64_t usedMessages = 0;
};

/// How much an account may hold and holds.
class QuotaRepository {
 public:
  explicit QuotaRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  std::optional<Quota> get(AccountId account);
  /// False if there is no such account.
  bool set(AccountId account, std::int64_t limitBytes, std::int64_t limitMessages = 0);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
