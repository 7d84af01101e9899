#include "retry_keys.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace posthouse::smtpd {

RetryKeys::Hold::Hold(Hold&& other) noexcept : owner_(other.owner_), keys_(std::exchange(other.keys_, {})) {}

RetryKeys::Hold& RetryKeys::Hold::operator=(Hold&& other) noexcept {
  if (this != &other) {
    drop();
    owner_ = other.owner_;
    keys_ = std::exchange(other.keys_, {});
  }
  return *this;
}

bool RetryKeys::Hold::add(const RetryKey& key) {
  if (!owner_->held_.insert(key).second) return false;
  keys_.push_back(key);
  return true;
}

void RetryKeys::Hold::confirm() {
  if (keys_.empty()) return;
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
    const bool forgotten = co_await store_.forget(batch);
    pause = forgotten ? kGather : std::chrono::milliseconds(kPause);
    if (!forgotten) continue;
    for (const RetryKey& key : batch) held_.erase(key);
    confirmed_.erase(confirmed_.begin(), confirmed_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
  }
  working_ = false;
}

Task<> RetryKeys::close() {
  stop_.request_stop();
  co_await tasks_.drained();
}

}  // namespace posthouse::smtpd
