// COPY, RFC 3501 §6.4.7; MOVE, RFC 6851; COPYUID, RFC 4315 §3.
#include <fmt/format.h>

#include <exception>

#include "db/errors.h"
#include "imap/sequence_set.h"
#include "mailbox_replies.h"
#include "session.h"
#include "store/mailbox_repository.h"

namespace posthouse::imapd {
namespace {

// What a COPY that failed has left is taken back for ten seconds.
constexpr std::chrono::milliseconds kPause{250};
constexpr int kTries = 40;

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
  co_return copy.move ? co_await moveMessages(uids, target->id) : co_await copyMessages(uids, *target);
}

/// All or nothing (RFC 3501 §6.4.7): what earlier slices have copied is taken back if a later one is refused or fails,
/// for a client that is told NO comes again.
Task<imap::Reply> Session::copyMessages(std::vector<store::Uid> uids, store::Mailbox target) {
  store::Copied all;
  std::optional<Reply> refusal;
  std::exception_ptr failure;  // handled below: a handler cannot co_await
  store::UidSet doubtful;
  pace_.begin();
  for (const auto& slice : store::slices(uids)) {
    try {
      const auto copied = co_await copySlice(slice, target.id);
      if (!copied) {
        if (copied.error() == store::Refusal::overQuota) services_.metrics.quotaExceeded.Increment();
        refusal = refused(copied.error());
        break;
      }
      if (!copied->messages.empty()) {
        all.uidValidity = copied->uidValidity;
        all.messages.insert(all.messages.end(), copied->messages.begin(), copied->messages.end());
        committed(target.id, copied->modSeq);
      }
      co_await pace_.rest(slice.count());
    } catch (const db::CommitUnknown&) {
      doubtful = slice;
      failure = std::current_exception();
      break;
    } catch (...) {
      failure = std::current_exception();
      break;
    }
  }
  if (refusal || failure) {
    co_await takeBack(targets(all), target.id);
    if (!doubtful.empty()) co_await takeBack(co_await copiesOf(doubtful, target), target.id);
    if (failure) std::rethrow_exception(failure);
    co_return *refusal;
  }
  if (all.messages.empty()) co_return Reply::ok("COPY completed, nothing was copied");
  co_return Reply::ok(copyUid(all), "COPY completed");
}

Task<std::expected<store::Copied, store::Refusal>> Session::copySlice(store::UidSet slice, store::MailboxId target) {
  const auto account = identity_->account;
  const auto source = selected_->id();
  co_return co_await inTurn([&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, account).copy(source, slice, target);
  });
}

/// What is in the target since the COPY began and is the same as `slice`. Asked until the database is back: it is
/// likely to be away where a commit was in doubt.
Task<store::UidSet> Session::copiesOf(store::UidSet slice, const store::Mailbox& target) {
  const auto account = identity_->account;
  const auto source = selected_->id();
  for (int left = kTries;;) {
    try {
      co_return co_await services_.database.query([&](db::Transaction& transaction) {
        return store::MessageRepository(transaction, account).copies(source, slice, target.id, target.uidNext);
      });
    } catch (const std::exception& error) {
      if (--left <= 0) {
        log_.error("imap.copy.left", "copies of a COPY that failed could not be looked for",
                   {{"mailbox_id", static_cast<std::int32_t>(target.id)}, {"error", error.what()}});
        co_return store::UidSet();
      }
    }
    co_await services_.loop.sleep(kPause);
  }
}

Task<> Session::takeBack(store::UidSet copies, store::MailboxId target) {
  int left = kTries;
  for (const auto& slice : store::slices(copies.uids())) {
    while (!co_await tryToTakeBack(slice, target)) {
      if (--left <= 0) {
        log_.error("imap.copy.left", "copies of a COPY that failed could not be taken back",
                   {{"mailbox_id", static_cast<std::int32_t>(target)}, {"uids", slice.toMultirange()}});
        co_return;
      }
      co_await services_.loop.sleep(kPause);
    }
  }
}

/// False if that cannot be done now. It may be repeated.
Task<bool> Session::tryToTakeBack(const store::UidSet& slice, store::MailboxId target) {
  const auto account = identity_->account;
  const auto expunge = [&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, account).expunge(target, slice, store::MessageRepository::Which::all);
  };
  try {
    committed(target, (co_await services_.database.transactFor(account, expunge, db::Repeat::harmless)).modSeq);
    co_return true;
  } catch (const std::exception& error) {
    log_.warn("imap.copy.kept", "copies of a COPY that failed cannot be taken back yet", {{"error", error.what()}});
  }
  co_return false;
}

/// Each message moves whole or not at all (RFC 6851 §3.3). COPYUID comes before the EXPUNGEs, and both come whatever
/// becomes of the later slices.
Task<imap::Reply> Session::moveMessages(std::vector<store::Uid> uids, store::MailboxId target) {
  std::optional<Reply> refusal;
  std::exception_ptr failure;  // handled below: a handler cannot co_await
  pace_.begin();
  for (const auto& slice : store::slices(uids)) {
    try {
      refusal = co_await moveSlice(slice, target);
    } catch (...) {
      failure = std::current_exception();
    }
    if (refusal || failure) break;
    co_await pace_.rest(slice.count());
  }
  if (failure) {
    co_await showNews(true);
    std::rethrow_exception(failure);
  }
  co_await showChanges(true);
  co_return refusal ? *refusal : Reply::ok("MOVE completed");
}

Task<std::optional<imap::Reply>> Session::moveSlice(store::UidSet slice, store::MailboxId target) {
  const auto account = identity_->account;
  const auto source = selected_->id();
  const auto moved = co_await inTurn([&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, account).move(source, slice, target);
  });
  if (!moved) co_return refused(moved.error());
  tellMoved(*moved, target);
  co_return std::nullopt;
}

void Session::tellMoved(const store::Copied& moved, store::MailboxId target) {
  if (moved.messages.empty()) return;
  say(fmt::format("OK [{}] Moved", copyUid(moved)));
  committed(selected_->id(), moved.modSeq);
  committed(target, moved.modSeq);
}

}  // namespace posthouse::imapd
