// STORE, RFC 3501 §6.4.6.
#include "flag_list.h"
#include "session.h"
#include "store/keyword_repository.h"

namespace posthouse::imapd {
namespace {

store::FlagChange changeOf(imap::Store::Mode mode) {
  switch (mode) {
    case imap::Store::Mode::add:
      return store::FlagChange::add;
    case imap::Store::Mode::remove:
      return store::FlagChange::remove;
    case imap::Store::Mode::replace:
      break;
  }
  return store::FlagChange::replace;
}

}  // namespace

Task<imap::Reply> Session::on(const imap::Store& store) {
  if (selected_->readOnly()) co_return Reply::no("CANNOT", "The mailbox is open read-only");
  const auto named = positions(store.set, store.byUid);
  if (!named) co_return Reply::bad("No message has that number");
  const auto flags = co_await storableFlags(store.flags);
  if (!flags) co_return flags.error();
  const auto change = changeOf(store.mode);
  const OwnChange own{co_await changeFlags(*named, change, *flags), change, *flags};
  co_await showChanges(false, &own);
  if (!selected_) co_return Reply::no("The mailbox is gone");
  for (const Position position : *named) {
    if (store.silent) break;
    std::string line;
    selected_->appendFlagsResponse(line, position, store.byUid);
    stream_.write(line);
    co_await breathe();
  }
  co_return Reply::ok("STORE completed");
}

/// The bits for what a client names; keywords that are new to the account get one.
Task<std::expected<store::Flags, imap::Reply>> Session::storableFlags(const imap::Flags& flags) {
  const auto names = dictionaryKeywords(flags);
  if (names.empty()) co_return fixedFlags(flags);
  const auto account = identity_->account;
  auto keywords = co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
    return store::KeywordRepository(transaction, account).ensure(names);
  });
  if (!keywords) co_return std::unexpected(Reply::no("LIMIT", "Too many keywords in this account"));
  const store::Flags bits = toStore(flags, *keywords);
  if (selected_) selected_->setKeywords(*std::move(keywords));
  co_return bits;
}

/// Slice by slice, so that the account's other writers get their turns. Returns the messages whose flags are now
/// different.
Task<store::UidSet> Session::changeFlags(const Positions& positions, store::FlagChange change, store::Flags flags) {
  std::vector<store::Uid> uids;
  uids.reserve(positions.size());
  for (const Position position : positions) uids.push_back(selected_->message(position).uid);
  const auto account = identity_->account;
  const auto mailbox = selected_->id();
  store::UidSet changed;
  pace_.begin();
  for (const auto& slice : store::slices(uids)) {
    const auto stored = co_await services_.database.transactFor(account, [&](db::Transaction& transaction) {
      return store::MessageRepository(transaction, account).storeFlags(mailbox, slice, change, flags);
    });
    co_await pace_.rest(slice.count());
    if (stored.changed.empty()) continue;
    changed.add(stored.changed);
    committed(mailbox, stored.modSeq);
  }
  co_return changed;
}

}  // namespace posthouse::imapd
