// FETCH, RFC 3501 §6.4.5.
#include <algorithm>
#include <span>

#include "fetch_response.h"
#include "session.h"

namespace posthouse::imapd {

/// In batches: what is needed of some messages is read, written and taken by the client before the next are looked at.
Task<imap::Reply> Session::on(const imap::Fetch& fetch) {
  const auto named = positions(fetch.set, fetch.byUid);
  if (!named) co_return Reply::bad("No message has that number");
  const FetchPlan plan(fetch.items, fetch.byUid);
  store::UidSet nowSeen;
  if (plan.setsSeen() && !selected_->readOnly()) {
    nowSeen = co_await markSeen(*named);
    if (!selected_) co_return Reply::no("The mailbox is gone");
  }
  FetchResponse response(services_, identity_->account, *selected_, plan, knownStructure_, stream_, *open_);
  bool anyGone = false;
  for (std::size_t begin = 0; begin < named->size(); begin += plan.batch()) {
    const std::size_t end = std::min(begin + plan.batch(), named->size());
    if (co_await response.write(std::span(*named).subspan(begin, end - begin), nowSeen)) anyGone = true;
    co_await stream_.flush(transfer());
    co_await services_.loop.yield();
  }
  // Another session expunged them, and this client will be told when it may be (RFC 2180 §4.1, RFC 5530).
  if (anyGone && !fetch.byUid) co_return Reply::no("EXPUNGEISSUED", "Some of the messages are gone");
  co_return Reply::ok("FETCH completed");
}

/// Sets \Seen where it is not, in one go before anything is sent. Returns the messages that it was set for.
Task<store::UidSet> Session::markSeen(const Positions& positions) {
  Positions unseen;
  for (const Position position : positions) {
    if (!selected_->message(position).allFlags().has(store::Flag::seen)) unseen.push_back(position);
  }
  if (unseen.empty()) co_return store::UidSet();
  const OwnChange own{co_await changeFlags(unseen, store::FlagChange::add, store::Flag::seen), store::FlagChange::add,
                      store::Flag::seen};
  co_await showChanges(false, &own);
  co_return own.uids;
}

}  // namespace posthouse::imapd
