// EXPUNGE, RFC 3501 §6.4.3; UID EXPUNGE, RFC 4315 §2.1.
#include "session.h"

namespace posthouse::imapd {

Task<imap::Reply> Session::on(const imap::Expunge& expunge) {
  if (selected_->readOnly()) co_return Reply::no("CANNOT", "The mailbox is open read-only");
  co_await expungeDeleted(expunge.uids ? selected_->uids(selected_->byUid(*expunge.uids)) : store::UidSet::all());
  co_await showChanges(true);
  co_return Reply::ok("EXPUNGE completed");
}

Task<> Session::expungeDeleted(const store::UidSet& among) {
  const auto account = identity_->account;
  const auto mailbox = selected_->id();
  const ViewPtr view = co_await services_.views.current(account, mailbox);
  if (!view) co_return;
  std::vector<store::Uid> doomed;
  for (const auto& message : view->messages) {
    if (message.allFlags().has(store::Flag::deleted) && among.contains(message.uid)) doomed.push_back(message.uid);
  }
  pace_.begin();
  for (const auto& slice : store::slices(doomed)) {
    const auto expunged = co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
      return store::MessageRepository(transaction, account).expunge(mailbox, slice);
    });
    if (!expunged.uids.empty()) committed(mailbox, expunged.modSeq);
    co_await pace_.rest(slice.count());
  }
}

}  // namespace posthouse::imapd
