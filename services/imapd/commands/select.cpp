// SELECT, EXAMINE, CLOSE, UNSELECT (RFC 3691), CHECK: RFC 3501 §6.3.1, §6.3.2, §6.4.
#include <fmt/format.h>

#include <iterator>

#include "flag_list.h"
#include "session.h"
#include "store/mailbox_repository.h"

namespace posthouse::imapd {
namespace {

constexpr std::string_view kSystemFlags = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";

/// The flags that messages here have or can be given.
std::string flagsInUse(const store::OpenedMailbox& opened) {
  std::string list(kSystemFlags);
  for (const auto& flag : store::flagNames()) {
    if (flag.name.front() != '\\') list += fmt::format(" {}", flag.name);
  }
  for (std::size_t bit = 0; bit < opened.dictionary.size(); ++bit) {
    if (opened.keywords >> bit & 1) list += fmt::format(" {}", opened.dictionary.name(bit));
  }
  return list;
}

std::string describe(const store::OpenedMailbox& opened, const SelectedMailbox& selected) {
  const std::string flags = flagsInUse(opened);
  const bool moreKeywords = opened.dictionary.size() < store::KeywordDictionary::kCapacity;
  std::string out = fmt::format("* FLAGS ({})\r\n", flags);
  selected.appendSize(out);
  const auto add = [&](const std::string& line) { fmt::format_to(std::back_inserter(out), "* OK {}\r\n", line); };
  const auto& messages = selected.view()->messages;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].allFlags().has(store::Flag::seen)) continue;
    add(fmt::format("[UNSEEN {}] First unseen message", i + 1));
    break;
  }
  add(selected.readOnly() ? "[PERMANENTFLAGS ()] Read-only"
                          : fmt::format("[PERMANENTFLAGS ({}{})] Kept", flags, moreKeywords ? " \\*" : ""));
  add(fmt::format("[UIDVALIDITY {}] UIDs valid", opened.uidValidity));
  add(fmt::format("[UIDNEXT {}] Predicted next UID", static_cast<std::uint32_t>(selected.view()->uidNext)));
  return out;
}

}  // namespace

Task<imap::Reply> Session::on(const imap::Select& select) {
  unselect();
  const bool readOnly = select.readOnly || identity_->readOnly;
  const auto account = identity_->account;
  auto opened = co_await services_.database.single(
      [&](db::Transaction& transaction) { return store::MailboxRepository(transaction, account).open(select.mailbox); },
      db::Repeat::harmless);
  if (!opened) co_return Reply::no("NONEXISTENT", "No such mailbox");
  watch_->look(opened->id);
  const ViewPtr view = co_await services_.views.atLeast(account, opened->id, opened->highestModSeq);
  if (!view) co_return Reply::no("NONEXISTENT", "No such mailbox");
  const bool anyRecent = !view->messages.empty() && view->messages.back().uid >= opened->firstRecent;
  store::Uid firstRecent = opened->firstRecent;
  if (anyRecent && !readOnly) firstRecent = co_await takeRecent(opened->id, view->uidNext);
  knownStructure_ = {};
  selected_.emplace(opened->id, readOnly, view, opened->dictionary);
  known_ = view;
  if (anyRecent) selected_->claimRecent(firstRecent);
  enter(Stage::selected);
  services_.metrics.viewCacheOctets.Set(static_cast<double>(services_.views.octets()));
  stream_.write(describe(*opened, *selected_));
  co_return Reply::ok(readOnly ? "READ-ONLY" : "READ-WRITE",
                      select.readOnly ? "EXAMINE completed" : "SELECT completed");
}

Task<store::Uid> Session::takeRecent(store::MailboxId mailbox, store::Uid below) {
  const auto account = identity_->account;
  co_return co_await services_.database.single(
      [&](db::Transaction& transaction) {
        return store::MailboxRepository(transaction, account).takeRecent(mailbox, below);
      },
      db::Repeat::harmless);
}

void Session::unselect() {
  if (!selected_) return;
  selected_.reset();
  known_.reset();
  watch_->look(std::nullopt);
  enter(Stage::authenticated);
}

/// Expunges without a word, unless the mailbox was only examined.
Task<imap::Reply> Session::on(const imap::Close&) {
  if (!selected_->readOnly()) co_await expungeDeleted(store::UidSet::all());
  unselect();
  co_return Reply::ok("CLOSE completed");
}

Task<imap::Reply> Session::on(const imap::Unselect&) {
  unselect();
  co_return Reply::ok("UNSELECT completed");
}

/// Everything is on disk when it is answered: what remains of CHECK is NOOP.
Task<imap::Reply> Session::on(const imap::Check&) {
  co_await showChanges(true);
  co_return Reply::ok("CHECK completed");
}

}  // namespace posthouse::imapd
