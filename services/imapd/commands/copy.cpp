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

std::string copyUid(const store::Copied& copied) {
  std::vector<std::uint32_t> from;
  std::vector<std::uint32_t> to;
  for (const auto& [source, target] : copied.messages) {
    from.push_back(static_cast<std::uint32_t>(source));
    to.push_back(static_cast<std::uint32_t>(target));
  }
  return fmt::format("COPYUID {} {} {}", copied.uidValidity, imap::toUidSet(from), imap::toUidSet(to));
}

/// Why nothing was copied; otherwise `copied` is what was.
std::optional<store::Refusal> resultOf(std::expected<store::Copied, store::Refusal> result, store::Copied& copied) {
  if (!result) return result.error();
  copied = *std::move(result);
  return std::nullopt;
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

/// All or nothing (RFC 3501 §6.4.7): what earlier slices have copied is taken back if a later one is refused or fails,
/// for a client that is told NO comes again.
Task<imap::Reply> Session::copyMessages(std::vector<store::Uid> uids, store::MailboxId target) {
  std::vector<store::Copied> slices;  // the last may be in doubt
  std::optional<Reply> refusal;
  std::exception_ptr failure;  // handled below: a handler cannot co_await
  pace_.begin();
  for (const auto& slice : store::slices(uids)) {
    try {
      refusal = co_await copySlice(slice, target, slices.emplace_back());
    } catch (const db::CommitUnknown&) {
      failure = std::current_exception();
    } catch (...) {
      failure = std::current_exception();
      slices.pop_back();
    }
    if (refusal || failure) break;
    co_await pace_.rest(slice.count());
  }
  if (refusal || failure) {
    co_await takeBack(std::move(slices), target);
    if (failure) std::rethrow_exception(failure);
    co_return *refusal;
  }
  store::Copied all;
  for (const auto& slice : slices) {
    if (slice.messages.empty()) continue;
    all.uidValidity = slice.uidValidity;
    all.messages.insert(all.messages.end(), slice.messages.begin(), slice.messages.end());
  }
  if (all.messages.empty()) co_return Reply::ok("COPY completed, nothing was copied");
  co_return Reply::ok(copyUid(all), "COPY completed");
}

/// `copied` is known, too, where the commit is not.
Task<std::optional<imap::Reply>> Session::copySlice(store::UidSet slice, store::MailboxId target,
                                                    store::Copied& copied) {
  const auto account = identity_->account;
  const auto source = selected_->id();
  const auto refusal = co_await inTurn([&](db::Transaction& transaction) {
    return resultOf(store::MessageRepository(transaction, account).copy(source, slice, target), copied);
  });
  if (refusal == store::Refusal::overQuota) services_.metrics.quotaExceeded.Increment();
  if (refusal) co_return refused(*refusal);
  if (!copied.messages.empty()) committed(target, copied.modSeq);
  co_return std::nullopt;
}

Task<> Session::takeBack(std::vector<store::Copied> slices, store::MailboxId target) {
  const auto account = identity_->account;
  for (const auto& slice : slices) {
    if (slice.messages.empty()) continue;
    const auto gone = co_await untilDone([&](db::Transaction& transaction) {
      store::MessageRepository messages(transaction, account);
      return messages.expunge(target, messages.made(target, slice), store::MessageRepository::Which::all);
    });
    if (!gone) {
      log_.error("imap.copy.left", "copies of a COPY that failed could not be taken back",
                 {{"mailbox_id", static_cast<std::int32_t>(target)},
                  {"uid", static_cast<std::int64_t>(slice.messages.front().second)},
                  {"messages", static_cast<std::int64_t>(slice.messages.size())}});
      co_return;
    }
    if (!gone->uids.empty()) committed(target, gone->modSeq);
  }
}

/// Each message moves whole or not at all (RFC 6851 §3.3). COPYUID comes before the EXPUNGEs, and both come whatever
/// becomes of the later slices.
Task<imap::Reply> Session::moveMessages(std::vector<store::Uid> uids, store::MailboxId target) {
  std::optional<Reply> refusal;
  std::exception_ptr failure;  // handled below: a handler cannot co_await
  std::optional<store::Copied> doubtful;
  pace_.begin();
  for (const auto& slice : store::slices(uids)) {
    store::Copied moved;
    try {
      refusal = co_await moveSlice(slice, target, moved);
    } catch (const db::CommitUnknown&) {
      failure = std::current_exception();
      doubtful = std::move(moved);
    } catch (...) {
      failure = std::current_exception();
    }
    if (refusal || failure) break;
    co_await pace_.rest(slice.count());
  }
  if (failure) {
    if (doubtful && co_await wasMoved(*doubtful, target)) tellMoved(*doubtful, target);
    co_await showNews(true);
    std::rethrow_exception(failure);
  }
  co_await showNews(true);  // what has moved has moved, also if the store cannot be asked now
  co_return refusal ? *refusal : Reply::ok("MOVE completed");
}

/// `moved` is known, too, where the commit is not.
Task<std::optional<imap::Reply>> Session::moveSlice(store::UidSet slice, store::MailboxId target,
                                                    store::Copied& moved) {
  const auto account = identity_->account;
  const auto source = selected_->id();
  const auto refusal = co_await inTurn([&](db::Transaction& transaction) {
    return resultOf(store::MessageRepository(transaction, account).move(source, slice, target), moved);
  });
  if (refusal) co_return refused(*refusal);
  tellMoved(moved, target);
  co_return std::nullopt;
}

Task<bool> Session::wasMoved(store::Copied doubtful, store::MailboxId target) {
  const auto account = identity_->account;
  const auto there = co_await untilDone([&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, account).made(target, doubtful);
  });
  co_return there && !there->empty();
}

void Session::tellMoved(const store::Copied& moved, store::MailboxId target) {
  if (moved.messages.empty()) return;
  say(fmt::format("OK [{}] Moved", copyUid(moved)));
  committed(selected_->id(), moved.modSeq);
  committed(target, moved.modSeq);
}

}  // namespace posthouse::imapd
