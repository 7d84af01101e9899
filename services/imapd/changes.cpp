// What a client is told about its mailbox beside what it asked, RFC 3501 §5.2, §7.3, §7.4.
#include <fmt/format.h>

#include "db/errors.h"
#include "flag_list.h"
#include "session.h"
#include "store/keyword_repository.h"
#include "store/mailbox_repository.h"

namespace posthouse::imapd {

std::optional<Session::Positions> Session::positions(const imap::SequenceSet& set, bool byUid) const {
  if (byUid) return selected_->byUid(set);
  return selected_->bySequence(set);
}

Task<> Session::showChanges(bool mayExpunge, const OwnChange* own) {
  const auto news = watch_->takeNews();
  try {
    known_ = co_await services_.views.current(identity_->account, selected_->id());
  } catch (...) {
    watch_->putBack(news);
    throw;
  }
  co_await advance(mayExpunge, own);
}

Task<> Session::showNews(bool mayExpunge) {
  const auto news = watch_->takeNews();
  if (!news && (!known_ || known_ == selected_->view())) co_return;
  try {
    if (news) known_ = co_await services_.views.atLeast(identity_->account, selected_->id(), *news);
    co_await advance(mayExpunge, nullptr);
  } catch (const db::Unavailable&) {
    watch_->putBack(news);
  } catch (const db::Busy&) {
    watch_->putBack(news);
  }
}

/// Lets the client know what `known_` has, as far as it may.
Task<> Session::advance(bool mayExpunge, const OwnChange* own) {
  if (!known_) {
    bye("The mailbox was deleted", Farewell::refused);
    selected_.reset();
    co_return;
  }
  const ViewPtr next = known_;
  co_await learnKeywords(next);
  std::optional<store::Uid> firstRecent;
  if (selected_->grows(next)) {
    firstRecent =
        selected_->readOnly() ? selected_->view()->uidNext : co_await takeRecent(selected_->id(), next->uidNext);
  }
  std::string out;
  selected_->advance(next, mayExpunge, own, firstRecent, out);
  stream_.write(out);
}

/// Another session may have given a message a keyword that has no name here yet.
Task<> Session::learnKeywords(const ViewPtr& view) {
  std::uint64_t used = 0;
  for (const auto& message : view->messages) used |= message.keywords;
  if (selected_->keywords().knows(used)) co_return;
  const auto account = identity_->account;
  auto keywords = co_await services_.database.query(
      [&](db::Transaction& transaction) { return store::KeywordRepository(transaction, account).all(); });
  selected_->setKeywords(std::move(keywords));
  std::string flags = "* FLAGS ";
  appendFlags(flags, selected_->keywords(), {0xFFFFFFFF, used}, false);
  stream_.write(flags + "\r\n");
}

void Session::committed(std::optional<store::MailboxId> mailbox, store::ModSeq modSeq) {
  services_.committed(identity_->account, mailbox, modSeq);
}

}  // namespace posthouse::imapd
