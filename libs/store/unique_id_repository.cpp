#include "store/unique_id_repository.h"

namespace posthouse::store {

std::vector<UniqueIdFate> UniqueIdRepository::keep(std::span<const Wish> wishes) {
  std::vector<MailboxId> mailboxes;
  std::vector<Uid> uids;
  std::vector<std::string> ids;
  for (const Wish& wish : wishes) {
    mailboxes.push_back(wish.mailbox);
    uids.push_back(wish.id.uid);
    ids.push_back(wish.id.text);
  }
  std::vector<UniqueIdFate> fates;
  for (const auto& row : transaction_.exec("SELECT status FROM posthouse.keep_unique_ids($1, $2, $3, $4)", account_,
                                           mailboxes, uids, ids))
    fates.push_back(row.get<UniqueIdFate>(0));
  return fates;
}

std::vector<UniqueId> UniqueIdRepository::list(MailboxId mailbox) {
  std::vector<UniqueId> ids;
  for (const auto& row : transaction_.exec(
           "SELECT uid, unique_id FROM posthouse.pop3_unique_id WHERE account_id = $1 AND mailbox_id = $2 ORDER BY uid",
           account_, mailbox))
    ids.push_back({row.get<Uid>(0), row.get<std::string>(1)});
  return ids;
}

}  // namespace posthouse::store
