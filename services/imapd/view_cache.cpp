#include "view_cache.h"

#include <utility>

#include "store/view_image.h"
#include "store/view_repository.h"

namespace posthouse::imapd {
namespace {

std::size_t sizeOf(const ViewPtr& view) {
  return sizeof(store::MailboxView) + view->messages.capacity() * sizeof(store::MessageState);
}

}  // namespace

ViewPtr applyChanges(const ViewPtr& base, const store::Changes& changes) {
  if (changes.highestModSeq == base->highestModSeq && changes.uidNext == base->uidNext) return base;
  return std::make_shared<store::MailboxView>(store::withChanges(*base, changes));
}

Task<ViewPtr> ViewCache::current(store::AccountId account, store::MailboxId mailbox) {
  co_return co_await refresh({account, mailbox}, std::nullopt);
}

Task<ViewPtr> ViewCache::atLeast(store::AccountId account, store::MailboxId mailbox, store::ModSeq modSeq) {
  co_return co_await refresh({account, mailbox}, modSeq);
}

Task<ViewPtr> ViewCache::refresh(Key key, std::optional<store::ModSeq> enough) {
  const auto turn = co_await refreshes_.turn(static_cast<std::int64_t>(key.first));
  ViewPtr base;
  if (const Entry* entry = find(key)) {
    if (enough && entry->seen >= *enough) co_return entry->view;
    base = entry->view;
  }
  ViewPtr view = co_await read(key, base);
  if (!view) {
    drop(key);
    co_return nullptr;
  }
  // What made the caller ask may have happened in another mailbox of the account: this one is proved up to there too.
  keep(key, view, enough ? std::max(*enough, view->highestModSeq) : view->highestModSeq);
  co_return view;
}

/// One round trip for what happened since `base`; the whole mailbox if that is not known, or too long ago. Who had to
/// read a large one from its messages remembers it for other processes, and for the next time.
Task<ViewPtr> ViewCache::read(Key key, ViewPtr base) {
  const auto [account, mailbox] = key;
  if (base) {
    const auto changes = co_await database_.single(
        [&](db::Transaction& transaction) {
          return store::MessageRepository(transaction, account).changesSince(mailbox, base->highestModSeq);
        },
        db::Repeat::harmless);
    if (!changes) co_return nullptr;
    if (changes->complete) co_return applyChanges(base, *changes);
  }
  auto read = co_await database_.query(
      [&](db::Transaction& transaction) { return store::ViewRepository(transaction, account).read(mailbox); });
  if (!read) co_return nullptr;
  auto view = std::make_shared<store::MailboxView>(std::move(read->view));
  if (read->isDear) co_await remember(key, view);
  co_return view;
}

/// If it cannot be done now, it will be done another time.
Task<> ViewCache::remember(Key key, ViewPtr view) {
  const auto [account, mailbox] = key;
  try {
    co_await database_.single(
        [&](db::Transaction& transaction) { store::ViewRepository(transaction, account).remember(mailbox, *view); },
        db::Repeat::harmless);
  } catch (const std::exception&) {
    co_return;
  }
}

ViewCache::Entry* ViewCache::find(const Key& key) {
  const auto found = byKey_.find(key);
  if (found == byKey_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &entries_.front();
}

void ViewCache::keep(const Key& key, ViewPtr view, store::ModSeq seen) {
  drop(key);
  octets_ += sizeOf(view);
  entries_.push_front({key, std::move(view), seen});
  byKey_[key] = entries_.begin();
  while (octets_ > capacity_ && entries_.size() > 1) drop(Key(entries_.back().key));
}

void ViewCache::drop(const Key& key) {
  const auto found = byKey_.find(key);
  if (found == byKey_.end()) return;
  octets_ -= sizeOf(found->second->view);
  entries_.erase(found->second);
  byKey_.erase(found);
}

}  // namespace posthouse::imapd
