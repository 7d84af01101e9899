#pragma once
#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// Waits until no other transaction writes to the account, and keeps it until the commit. Before every write to the
/// account's rows that is not a function of the schema. Nothing if there is no such account.
inline void lockAccount(db::Transaction& transaction, AccountId account) {
  transaction.exec("SELECT 1 FROM posthouse.account_state WHERE account_id = $1 FOR NO KEY UPDATE", account);
}

}  // namespace posthouse::store
