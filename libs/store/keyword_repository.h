#pragma once
#include <expected>
#include <optional>
#include <span>
#include <string>

#include "db/transaction.h"
#include "store/flags.h"
#include "store/types.h"

namespace posthouse::store {

/// The keyword names of one account.
class KeywordRepository {
 public:
  KeywordRepository(db::Transaction& transaction, AccountId account) noexcept
      : transaction_(transaction), account_(account) {}

  KeywordDictionary all();
  /// Gives a bit to each name that has none; nothing if they do not all fit (KeywordDictionary::kCapacity).
  std::optional<KeywordDictionary> ensure(std::span<const std::string> names);

 private:
  db::Transaction& transaction_;
  AccountId account_;
};

}  // namespace posthouse::store
