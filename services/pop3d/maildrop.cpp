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
      seen_(snapshot_.messages.size()),
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

Update Maildrop::update(Removals removals) const {
  Update update;
  if (account_.readOnly) return update;
  for (std::size_t i = 0; i < snapshot_.messages.size(); ++i) {
    const store::Uid uid = snapshot_.messages[i].uid;
    if (deleted_[i] && removals == Removals::yes) {
      update.removed.push_back(uid);
    } else if (seen_[i]) {
      update.seen.push_back(uid);
    }
  }
  return update;
}

}  // namespace posthouse::pop3d
