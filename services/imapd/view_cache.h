#pragma once
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "async/task.h"
#include "db/account_queue.h"
#include "db/database.h"
#include "store/message_repository.h"

namespace posthouse::imapd {

/// A mailbox as it was in one snapshot, shared by the sessions that show it. Never changed: a newer one takes its
/// place.
using ViewPtr = std::shared_ptr<const store::MailboxView>;

/// What a mailbox becomes by its changes since.
ViewPtr applyChanges(const ViewPtr& base, const store::Changes& changes);

/// The views of mailboxes that are open or were lately: at most `capacity` octets of them are kept,
/// the least recently used go first. A session that still shows an older view keeps that alive itself.
class ViewCache {
 public:
  ViewCache(db::Database& database, std::size_t capacity)
      : database_(database), capacity_(capacity), refreshes_(database.accountQueue()) {}

  /// The mailbox as it is now; null if there is no such mailbox. Costs one small query where a view is kept.
  Task<ViewPtr> current(store::AccountId account, store::MailboxId mailbox);
  /// The same, but a kept view that shows `modSeq` will do.
  Task<ViewPtr> atLeast(store::AccountId account, store::MailboxId mailbox, store::ModSeq modSeq);

  std::size_t octets() const noexcept { return octets_; }

 private:
  using Key = std::pair<store::AccountId, store::MailboxId>;
  struct Entry {
    Key key;
    ViewPtr view;
    store::ModSeq seen;  // of the snapshot that proved the view
  };

  Task<ViewPtr> refresh(Key key, std::optional<store::ModSeq> enough);
  Task<ViewPtr> read(Key key, ViewPtr base);
  Task<> remember(Key key, ViewPtr view);
  Entry* find(const Key& key);
  void keep(const Key& key, ViewPtr view, store::ModSeq seen);
  void drop(const Key& key);

  db::Database& database_;
  std::size_t capacity_;
  db::AccountQueue refreshes_;  // one at a time for an account: the next finds what the first has brought
  std::list<Entry> entries_;    // most recently used first
  std::map<Key, std::list<Entry>::iterator> byKey_;
  std::size_t octets_ = 0;
};

}  // namespace posthouse::imapd
