#pragma once
#include <string>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

struct Inconsistency {
  AccountId account{};
  std::string what;  // in words
};

/// Compares what is counted with what is there: mailbox counters, UIDs, mod-sequences and quota usage of one account,
/// and whether every message has its email row and every email its blob. In Database::query, so that it sees one
/// snapshot. Empty: all is well.
std::vector<Inconsistency> checkAccount(db::Transaction& transaction, AccountId account);

}  // namespace posthouse::store
