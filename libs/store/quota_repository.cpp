#include "store/quota_repository.h"

namespace posthouse::store {

std::optional<Quota> QuotaRepository::get(AccountId account) {
  const auto rows = transaction_.exec(R"sql(
    SELECT a.quota_bytes, a.quota_msgs, s.bytes_used, s.msgs_used
      FROM posthouse.account a JOIN posthouse.account_state s ON s.account_id = $1
     WHERE a.account_id = $1)sql",
                                      account);
  if (rows.empty()) return std::nullopt;
  const auto [limitBytes, limitMessages, usedBytes, usedMessages] =
      rows[0].as<std::int64_t, std::int64_t, std::int64_t, std::int64_t>();
  return Quota{limitBytes, limitMessages, usedBytes, usedMessages};
}

bool QuotaRepository::set(AccountId account, std::int64_t limitBytes, std::int64_t limitMessages) {
  return transaction_
             .exec("UPDATE posthouse.account SET quota_bytes = $2, quota_msgs = $3 WHERE account_id = $1", account,
                   limitBytes, limitMessages)
             .affected() == 1;
}

}  // namespace posthouse::store
