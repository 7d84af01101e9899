#pragma once
#include <string_view>

#include "db/transaction.h"

namespace posthouse::store {

/// Makes whoever else wants to give this address to an account or an alias wait until the commit.
inline void claimAddress(db::Transaction& transaction, std::string_view address) {
  transaction.exec("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", address);
}

/// Keeps the domain from being removed until the commit; false if there is none.
inline bool holdDomain(db::Transaction& transaction, std::string_view domain) {
  return !transaction.exec("SELECT 1 FROM posthouse.domain WHERE name = $1 FOR KEY SHARE", domain).empty();
}

}  // namespace posthouse::store
