#include "store/view_repository.h"

#include "store/view_image.h"

namespace posthouse::store {

std::optional<ReadView> ViewRepository::read(MailboxId mailbox) {
  MessageRepository messages(transaction_, account_);
  const auto counters = messages.counters(mailbox);
  if (!counters) return std::nullopt;
  const bool isLarge = counters->messages >= kLarge;
  if (isLarge) {
    if (auto view = remembered(mailbox)) return view;
  }
  return ReadView{.view = messages.view(mailbox, *counters), .isDear = isLarge};
}

std::optional<ReadView> ViewRepository::remembered(MailboxId mailbox) {
  const auto rows = transaction_.exec(
      "SELECT image FROM posthouse.mailbox_view WHERE account_id = $1 AND mailbox_id = $2", account_, mailbox);
  if (rows.empty()) return std::nullopt;
  const auto base = fromImage(rows[0].view(0));
  if (!base) return std::nullopt;
  const auto changes = MessageRepository(transaction_, account_).changesSince(mailbox, base->highestModSeq);
  if (!changes || !changes->complete) return std::nullopt;
  return ReadView{.view = withChanges(*base, *changes),
                  .isDear = changes->changed.size() + changes->vanished.count() >= kManyChanges};
}

void ViewRepository::remember(MailboxId mailbox, const MailboxView& view) {
  const std::string image = toImage(view);
  transaction_.exec(R"sql(
    INSERT INTO posthouse.mailbox_view AS v (account_id, mailbox_id, modseq, image)
    SELECT b.account_id, b.mailbox_id, $3, $4 FROM posthouse.mailbox b WHERE b.account_id = $1 AND b.mailbox_id = $2
    ON CONFLICT (account_id, mailbox_id) DO UPDATE SET modseq = excluded.modseq, image = excluded.image WHERE v.modseq <= excluded.modseq)sql",
                    account_, mailbox, view.highestModSeq, db::Octets{image});
}

}  // namespace posthouse::store
