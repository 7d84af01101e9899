#include "retry_keys.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace posthouse::smtpd {

RetryKeys::Hold::Hold(Hold&& other) noexcept
    : owner_(other.owner_), isThere_(std::move(other.isThere_)), keys_(std::exchange(other.keys_, {})) {}

RetryKeys::Hold& RetryKeys::Hold::operator=(Hold&& other) noexcept {
  if (this != &other) {
    drop();
    owner_ = other.owner_;
    isThere_ = std::move(other.isThere_);
    keys_ = std::exchange(other.keys_, {});
  }
  return *this;
}

bool RetryKeys::Hold::add(const RetryKey& key) {
  const auto [held, isNew] = owner_->held_.try_emplace(key, isThere_);
  if (!isNew) return held->second && !held->second();
  keys_.push_back(key);
  return true;
}

void RetryKeys::Hold::confirm() {
  if (keys_.empty()) return;
  for (const RetryKey& key : keys_) owner_->held_[key] = nullptr;
  std::ranges::move(std::exchange(keys_, {}), std::back_inserter(owner_->confirmed_));
  if (!owner_->working_) owner_->tasks_.spawn(owner_->work());
}

void RetryKeys::Hold::drop() noexcept {
  for (const RetryKey& key : std::exchange(keys_, {})) owner_->held_.erase(key);
}

Task<> RetryKeys::work() {
  working_ = true;
  std::chrono::milliseconds pause = kGather;
  while (!confirmed_.empty()) {
    try {
      co_await loop_.sleep(pause, stop_.get_token());
    } catch (const net::Interrupted&) {
      if (pause != kGather) break;  // the store is away, and we are leaving
    }
    const auto end = confirmed_.begin() + static_cast<std::ptrdiff_t>(std::min(kBatch, confirmed_.size()));
    const std::vector<RetryKey> batch(confirmed_.begin(), end);
    const auto missing = co_await store_.forget(batch);
    pause = missing ? kGather : std::chrono::milliseconds(kPause);
    if (!missing) continue;
    co_await forgetElsewhere(*missing);
    for (const RetryKey& key : batch) held_.erase(key);
    confirmed_.erase(confirmed_.begin(), confirmed_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
  }
  working_ = false;
}

/// A user who was removed and made again has another account, which lmtp-delivery knew when it stored the key and we
/// did not. Our directory is made to look again, for the mails that follow; but not here: between the two he is nobody,
/// and that must not be remembered.
Task<> RetryKeys::forgetElsewhere(std::vector<RetryKey> missing) {
  std::vector<RetryKey> moved;
  for (const RetryKey& key : missing) {
    if (key.account == store::AccountId{}) continue;
    try {
      const directory::Resolution now = co_await asked_.resolve(key.address);
      for (const directory::Account& account : now.accounts) {
        const store::AccountId id{account.id};
        if (id == key.account) continue;
        remembered_.forget(key.address);
        moved.push_back({id, key.digest, key.address});
      }
    } catch (const directory::Unavailable&) {
      // The key stays, and goes when it is old.
    }
  }
  if (!moved.empty()) co_await store_.forget(moved);
}

Task<> RetryKeys::close() {
  stop_.request_stop();
  co_await tasks_.drained();
}

}  // namespace posthouse::smtpd
