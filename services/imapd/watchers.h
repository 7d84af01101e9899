#pragma once
#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/patience.h"
#include "store/types.h"

namespace posthouse::imapd {

class Watchers;

/// One session's interest in its account, and in the mailbox it has selected. Registered for as long as it lives.
class Watch {
 public:
  Watch(Watchers& watchers, store::AccountId account);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  store::AccountId account() const noexcept { return account_; }
  void look(std::optional<store::MailboxId> mailbox) noexcept {
    mailbox_ = mailbox;
    news_.reset();
  }
  /// The modification sequence that the mailbox is said to have reached, if anybody said so since the last call.
  std::optional<store::ModSeq> takeNews() noexcept { return std::exchange(news_, std::nullopt); }
  /// What was taken could not be looked at now.
  void putBack(std::optional<store::ModSeq> news) noexcept { news_ = std::max(news_, news); }
  /// Woken by news: what an idle session waits with.
  net::Wakeup& wakeup() noexcept { return wakeup_; }

 private:
  friend class Watchers;
  void tell(store::ModSeq modSeq);

  Watchers& watchers_;
  store::AccountId account_;
  std::optional<store::MailboxId> mailbox_;
  std::optional<store::ModSeq> news_;
  net::Wakeup wakeup_;
};

/// The sessions of this process by account: whom to tell of changes, wherever those were made.
class Watchers {
 public:
  /// A mailbox of an account changed; nothing named: any of them may have.
  void changed(store::AccountId account, std::optional<store::MailboxId> mailbox, store::ModSeq modSeq);
  /// What a poll has read: passed on if it is not what the last one read.
  void polled(store::AccountId account, store::ModSeq modSeq);

  std::vector<store::AccountId> accounts() const;
  std::size_t sessions(store::AccountId account) const;

 private:
  friend class Watch;
  struct Account {
    std::vector<Watch*> watches;
    std::optional<store::ModSeq> polled;
  };
  void add(Watch& watch);
  void remove(Watch& watch);

  std::unordered_map<store::AccountId, Account> accounts_;
};

}  // namespace posthouse::imapd
