#include "watchers.h"

#include <algorithm>

namespace posthouse::imapd {

Watch::Watch(Watchers& watchers, store::AccountId account) : watchers_(watchers), account_(account) {
  watchers_.add(*this);
}

Watch::~Watch() {
  watchers_.remove(*this);
}

void Watch::tell(store::ModSeq modSeq) {
  news_ = news_ ? std::max(*news_, modSeq) : modSeq;
  wakeup_.wake();
}

void Watchers::changed(store::AccountId account, std::optional<store::MailboxId> mailbox, store::ModSeq modSeq) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  const auto watches = found->second.watches;  // a copy: a session that wakes may log out at once
  for (Watch* watch : watches) {
    const auto now = accounts_.find(account);
    if (now == accounts_.end()) return;
    if (std::find(now->second.watches.begin(), now->second.watches.end(), watch) == now->second.watches.end()) continue;
    if (watch->mailbox_ && (!mailbox || *mailbox == *watch->mailbox_)) watch->tell(modSeq);
  }
}

void Watchers::polled(store::AccountId account, store::ModSeq modSeq) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end() || found->second.polled == modSeq) return;
  found->second.polled = modSeq;
  changed(account, std::nullopt, modSeq);
}

std::vector<store::AccountId> Watchers::accounts() const {
  std::vector<store::AccountId> ids;
  ids.reserve(accounts_.size());
  for (const auto& [id, account] : accounts_) ids.push_back(id);
  return ids;
}

std::size_t Watchers::sessions(store::AccountId account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? 0 : found->second.watches.size();
}

void Watchers::add(Watch& watch) {
  accounts_[watch.account_].watches.push_back(&watch);
}

void Watchers::remove(Watch& watch) {
  auto& watches = accounts_.at(watch.account_).watches;
  std::erase(watches, &watch);
  if (watches.empty()) accounts_.erase(watch.account_);
}

}  // namespace posthouse::imapd
