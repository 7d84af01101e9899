#include "maildrop.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace posthouse::pop3d {

namespace {

std::uint64_t sumOfSizes(const Snapshot& snapshot) {
  std::uint64_t sum = 0;
  for (const store::MessageSize& message : snapshot.messages) sum += message.size;
  return sum;
}

}  // namespace

Maildrop::Maildrop(login::Identity account, Snapshot snapshot)
    : account_(std::move(account)),
      snapshot_(std::move(snapshot)),
      deleted_(snapshot_.messages.size()),
      retrieved_(snapshot_.messages.size()),
      octets_(sumOfSizes(snapshot_)) {}

bool Maildrop::has(pop3::MessageNumber message) const noexcept {
  return index(message) < snapshot_.messages.size() && !deleted_[index(message)];
}

bool Maildrop::isDeleted(pop3::MessageNumber message) const noexcept {
  return index(message) < snapshot_.messages.size() && deleted_[index(message)];
}

std::string Maildrop::uniqueId(pop3::MessageNumber message) const {
  const store::Uid own = uid(message);
  const auto brought = std::ranges::lower_bound(snapshot_.uniqueIds, own, {}, &store::UniqueId::uid);
  if (brought != snapshot_.uniqueIds.end() && brought->uid == own) return brought->text;
  return fmt::format("{}.{}", snapshot_.uidValidity, static_cast<std::uint32_t>(own));
}

void Maildrop::markDeleted(pop3::MessageNumber message) {
  if (!has(message)) return;
  deleted_[index(message)] = true;
  ++deletedCount_;
  octets_ -= octets(message);
}

void Maildrop::unmarkDeleted() {
  deleted_.assign(deleted_.size(), false);
  deletedCount_ = 0;
  octets_ = sumOfSizes(snapshot_);
}

Update Maildrop::atQuit(std::optional<std::chrono::days> expire) const {
  Update update;
  if (account_.readOnly) return update;
  const bool expiresAtOnce = expire == std::chrono::days(0);
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < snapshot_.messages.size(); ++i) {
    const store::Uid uid = snapshot_.messages[i].uid;
    if (deleted_[i]) {
      update.removed.push_back(uid);
    } else if (retrieved_[i] && expiresAtOnce) {
      update.expired.push_back(uid);
    } else if (retrieved_[i]) {
      update.seen.push_back(uid);
      update.retrieved.add(store::Uid{before + 1}, uid);
    }
    before = static_cast<std::uint32_t>(uid);
  }
  if (!expiresAtOnce) update.expireAfter = expire;
  return update;
}

Update Maildrop::atQuitUnreceived() const {
  Update update = atLoss();
  if (account_.readOnly) return update;
  for (std::size_t i = 0; i < snapshot_.messages.size(); ++i) {
    if (deleted_[i]) update.removed.push_back(snapshot_.messages[i].uid);
  }
  return update;
}

Update Maildrop::atLoss() const {
  Update update;
  if (account_.readOnly) return update;
  for (std::size_t i = 0; i < snapshot_.messages.size(); ++i) {
    if (retrieved_[i]) update.seen.push_back(snapshot_.messages[i].uid);
  }
  return update;
}

}  // namespace posthouse::pop3d
