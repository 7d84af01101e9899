#include "store/unique_id_repository.h"

#include <algorithm>

#include "store/blob_store.h"

namespace posthouse::store {

bool isUniqueId(std::string_view text) noexcept {
  constexpr std::size_t kMost = 70;
  return !text.empty() && text.size() <= kMost &&
         std::ranges::all_of(text, [](char c) { return c >= '!' && c <= '~'; });
}

std::vector<UniqueIdFate> UniqueIdRepository::keep(std::span<const Wish> wishes) {
  std::vector<MailboxId> mailboxes;
  std::vector<Uid> uids;
  std::vector<std::string> ids;
  std::vector<db::Octets> blobs;
  std::vector<UniqueIdFate> fates(wishes.size(), UniqueIdFate::invalid);
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const Wish& wish = wishes[i];
    if (!isUniqueId(wish.id.text)) continue;  // not even text for the database, perhaps
    asked.push_back(i);
    mailboxes.push_back(wish.mailbox);
    uids.push_back(wish.id.uid);
    ids.push_back(wish.id.text);
    blobs.push_back({wish.content == nullptr ? std::string_view() : wish.content->encoded().id.view()});
  }
  if (asked.empty()) return fates;
  auto next = asked.begin();
  for (const auto& row : transaction_.exec("SELECT status FROM posthouse.keep_unique_ids($1, $2, $3, $4, $5)", account_,
                                           mailboxes, uids, ids, blobs))
    fates.at(*next++) = row.get<UniqueIdFate>(0);
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
