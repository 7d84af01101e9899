#include "store/change_repository.h"

namespace posthouse::store {

std::vector<AccountModSeq> ChangeRepository::modSeqs(std::span<const AccountId> accounts) {
  std::vector<AccountModSeq> found;
  const auto rows =
      transaction_.exec("SELECT account_id, modseq FROM posthouse.account_state WHERE account_id = ANY ($1::bigint[])",
                        std::vector<AccountId>(accounts.begin(), accounts.end()));
  for (const auto& row : rows) found.push_back({row.get<AccountId>(0), row.get<ModSeq>(1)});
  return found;
}

}  // namespace posthouse::store
