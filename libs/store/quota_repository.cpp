#include "store/quota_repository.h"

namespace posthouse::store {

std::optional<Quota> QuotaRepository::get(AccountId account) {
  const auto rows = transaction_.exec(
      "SELECT quota_bytes, quota_msgs, bytes_used, msgs_used FROM posthouse.account_state WHERE account_id = $1",
      account);
  if (rows.empty()) return std::nullopt;
  const auto [limitBytes, limitMessages, usedBytes, usedMessages] =
      rows[0].as<std::int64_t, std::int64_t, std::int64_t, std::int64_t>();
  return Quota{limitBytes, limitMessages, usedBytes, usedMessages};
}

bool QuotaRepository::set(AccountId account, std::int64_t limitBytes, std::int64_t limitMessages) {
  return transaction_
             .exec("UPDATE posthouse.account_state SET quota_bytes = $2, quota_msgs = $3 WHERE account_id = $1",
                   account, limitBytes, limitMessages)
             .affected() == 1;
}

}  // namespace posthouse::store
