// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, RFC 3501 §6.3.3 to §6.3.7.
#include "imap/mailbox_name.h"
#include "mailbox_replies.h"
#include "session.h"
#include "store/mailbox_repository.h"

namespace posthouse::imapd {

Task<imap::Reply> Session::on(const imap::Create& create) {
  if (!imap::isCreatable(create.mailbox)) co_return refused(store::MailboxError::badName);
  const auto account = identity_->account;
  const auto created = co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
    return store::MailboxRepository(transaction, account).create(create.mailbox);
  });
  if (!created) co_return refused(created.error());
  committed(std::nullopt, created->highestModSeq);
  co_return Reply::ok("CREATE completed");
}

/// Who is told NO halfway may come again: what is gone by then is gone, and the rest goes then.
Task<imap::Reply> Session::on(const imap::Delete& remove) {
  const auto account = identity_->account;
  std::optional<store::MailboxStep> step;
  pace_.begin();
  do {
    const auto removed = co_await inTurn([&](db::Transaction& transaction) {
      return store::MailboxRepository(transaction, account).remove(remove.mailbox, step);
    });
    if (!removed) co_return refused(removed.error());
    step = *removed;
    committed(step->isLast ? std::nullopt : std::optional(step->mailbox), step->modSeq);
    co_await pace_.rest(step->messages);
  } while (!step->isLast);
  if (selected_ && !co_await services_.views.current(account, selected_->id())) unselect();  // it was that one
  co_return Reply::ok("DELETE completed");
}

/// Of INBOX, step by step as DELETE.
Task<imap::Reply> Session::on(const imap::Rename& rename) {
  if (!imap::isCreatable(rename.to)) co_return refused(store::MailboxError::badName);
  const auto account = identity_->account;
  std::optional<store::MailboxStep> step;
  pace_.begin();
  do {
    const auto renamed = co_await inTurn([&](db::Transaction& transaction) {
      return store::MailboxRepository(transaction, account).rename(rename.from, rename.to, step);
    });
    if (!renamed) co_return refused(renamed.error());
    step = *renamed;
    if (step->messages > 0) {
      committed(store::kInbox, step->modSeq);
      committed(step->mailbox, step->modSeq);
    }
    co_await pace_.rest(step->messages);
  } while (!step->isLast);
  committed(std::nullopt, step->modSeq);
  if (selected_) co_await showChanges(true);  // RENAME of INBOX has taken its messages away
  co_return Reply::ok("RENAME completed");
}

Task<imap::Reply> Session::on(const imap::Subscribe& subscribe) {
  const auto account = identity_->account;
  const auto subscribed = co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
    return store::MailboxRepository(transaction, account).subscribe(subscribe.mailbox);
  });
  if (!subscribed) co_return refused(subscribed.error());
  co_return Reply::ok("SUBSCRIBE completed");
}

Task<imap::Reply> Session::on(const imap::Unsubscribe& unsubscribe) {
  const auto account = identity_->account;
  co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
    store::MailboxRepository(transaction, account).unsubscribe(unsubscribe.mailbox);
  });
  co_return Reply::ok("UNSUBSCRIBE completed");
}

}  // namespace posthouse::imapd
