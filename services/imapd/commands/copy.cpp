// COPY, RFC 3501 §6.4.7; MOVE, RFC 6851; COPYUID, RFC 4315 §3.
#include <fmt/format.h>

#include "imap/sequence_set.h"
#include "mailbox_replies.h"
#include "session.h"
#include "slice_pace.h"
#include "store/mailbox_repository.h"

namespace posthouse::imapd {
namespace {

std::string copyUid(const store::Copied& copied) {
  std::vector<std::uint32_t> from;
  std::vector<std::uint32_t> to;
  for (const auto& [source, target] : copied.messages) {
    from.push_back(static_cast<std::uint32_t>(source));
    to.push_back(static_cast<std::uint32_t>(target));
  }
  return fmt::format("COPYUID {} {} {}", copied.uidValidity, imap::toUidSet(from), imap::toUidSet(to));
}

store::UidSet targets(const store::Copied& copied) {
  store::UidSet uids;
  for (const auto& [source, target] : copied.messages) uids.add(target);
  return uids;
}

}  // namespace

Task<imap::Reply> Session::on(const imap::Copy& copy) {
  if (copy.move && selected_->readOnly()) co_return Reply::no("CANNOT", "The mailbox is open read-only");
  const auto named = positions(copy.set, copy.byUid);
  if (!named) co_return Reply::bad("No message has that number");
  const auto account = identity_->account;
  const auto target = co_await services_.database.query(
      [&](db::Transaction& transaction) { return store::MailboxRepository(transaction, account).find(copy.mailbox); });
  if (!target) co_return refused(store::Refusal::noSuchMailbox);
  if (copy.move && target->id == selected_->id()) co_return Reply::no("CANNOT", "The messages are there already");
  const auto uids = selected_->uids(*named).uids();
  co_return copy.move ? co_await moveMessages(uids, target->id) : co_await copyMessages(uids, target->id);
}

/// All or nothing (RFC 3501 §6.4.7): what earlier slices have copied is taken back if a later one is refused.
Task<imap::Reply> Session::copyMessages(std::vector<store::Uid> uids, store::MailboxId target) {
  const auto account = identity_->account;
  const auto source = selected_->id();
  store::Copied all;
  SlicePace pace(services_.loop);
  for (const auto& slice : store::slices(uids)) {
    const auto copied = co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
      return store::MessageRepository(transaction, account).copy(source, slice, target);
    });
    if (!copied) {
      co_await takeBack(all, target);
      co_return refused(copied.error());
    }
    co_await pace.rest();
    if (copied->messages.empty()) continue;
    all.uidValidity = copied->uidValidity;
    all.messages.insert(all.messages.end(), copied->messages.begin(), copied->messages.end());
    committed(target, copied->modSeq);
  }
  if (all.messages.empty()) co_return Reply::ok("COPY completed, nothing was copied");
  co_return Reply::ok(copyUid(all), "COPY completed");
}

Task<> Session::takeBack(const store::Copied& copied, store::MailboxId target) {
  const auto account = identity_->account;
  for (const auto& slice : store::slices(targets(copied).uids())) {
    const auto expunged = co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
      return store::MessageRepository(transaction, account)
          .expunge(target, slice, store::MessageRepository::Which::all);
    });
    committed(target, expunged.modSeq);
  }
}

/// Each message moves whole or not at all (RFC 6851 §3.3); COPYUID comes before the EXPUNGEs.
Task<imap::Reply> Session::moveMessages(std::vector<store::Uid> uids, store::MailboxId target) {
  const auto account = identity_->account;
  const auto source = selected_->id();
  std::optional<Reply> refusal;
  SlicePace pace(services_.loop);
  for (const auto& slice : store::slices(uids)) {
    const auto moved = co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
      return store::MessageRepository(transaction, account).move(source, slice, target);
    });
    if (!moved) {
      refusal = refused(moved.error());
      break;
    }
    co_await pace.rest();
    if (moved->messages.empty()) continue;
    say(fmt::format("OK [{}] Moved", copyUid(*moved)));
    committed(source, moved->modSeq);
    committed(target, moved->modSeq);
  }
  co_await showChanges(true);
  co_return refusal ? *refusal : Reply::ok("MOVE completed");
}

}  // namespace posthouse::imapd
