// Message numbers and what a client is told unasked, RFC 3501 §2.3.1, §5.2, §7.3, §7.4.
#include "selected_mailbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "flag_list.h"

namespace posthouse::imapd {
namespace {

using Position = SelectedMailbox::Position;
using Messages = std::vector<store::MessageState>;

/// How one view became another.
struct Difference {
  std::vector<Position> gone;     // in the old one
  std::vector<Position> changed;  // in the new one: flags differ
  bool grown = false;
};

/// `merged` becomes the new messages; with `keepGone`, those that are gone stay in their places.
Difference compare(const Messages& before, const Messages& after, const OwnChange* own, bool keepGone,
                   Messages* merged) {
  Difference difference;
  auto next = after.begin();
  Position place = 0;
  const auto put = [&](const store::MessageState& message) {
    if (merged) merged->push_back(message);
    ++place;
  };
  for (Position i = 0; i < before.size(); ++i) {
    const auto& old = before[i];
    while (next != after.end() && next->uid < old.uid) put(*next++);
    if (next == after.end() || next->uid != old.uid) {
      difference.gone.push_back(i);
      if (keepGone) put(old);
      continue;
    }
    const bool explained = own && own->uids.contains(old.uid) && own->applied(old.allFlags()) == next->allFlags();
    if (old.allFlags() != next->allFlags() && !explained) difference.changed.push_back(place);
    put(*next++);
  }
  difference.grown = next != after.end();
  while (next != after.end()) put(*next++);
  return difference;
}

}  // namespace

store::Flags OwnChange::applied(store::Flags before) const noexcept {
  switch (change) {
    case store::FlagChange::add:
      return before | flags;
    case store::FlagChange::remove:
      return {before.bits & ~flags.bits, before.keywords & ~flags.keywords};
    case store::FlagChange::replace:
      return flags;
  }
  return before;
}

std::optional<std::vector<Position>> SelectedMailbox::bySequence(const imap::SequenceSet& set) const {
  const auto ranges = imap::resolve(set, count());
  if (!ranges.empty() && ranges.back().last > count()) return std::nullopt;
  std::vector<Position> positions;
  for (const auto& range : ranges) {
    for (std::uint32_t number = range.first; number <= range.last; ++number) positions.push_back(number - 1);
  }
  return positions;
}

std::vector<Position> SelectedMailbox::byUid(const imap::SequenceSet& set) const {
  const auto& messages = view_->messages;
  const std::uint32_t largest = messages.empty() ? 0 : static_cast<std::uint32_t>(messages.back().uid);
  std::vector<Position> positions;
  for (const auto& range : imap::resolve(set, largest)) {
    auto at = std::lower_bound(messages.begin(), messages.end(), store::Uid{range.first},
                               [](const auto& message, store::Uid uid) { return message.uid < uid; });
    for (; at != messages.end() && at->uid <= store::Uid{range.last}; ++at) {
      positions.push_back(static_cast<Position>(at - messages.begin()));
    }
  }
  return positions;
}

store::UidSet SelectedMailbox::uids(std::span<const Position> positions) const {
  store::UidSet set;
  for (const Position position : positions) set.add(message(position).uid);
  return set;
}

void SelectedMailbox::claimRecent(store::Uid first) {
  if (view_->messages.empty() || view_->messages.back().uid < first) return;
  recent_.add(first, view_->messages.back().uid);
}

std::uint32_t SelectedMailbox::recentCount() const {
  std::uint32_t recent = 0;
  for (const auto& range : recent_.ranges()) {
    const auto least = std::lower_bound(view_->messages.begin(), view_->messages.end(), range.first,
                                        [](const auto& message, store::Uid uid) { return message.uid < uid; });
    const auto past = std::upper_bound(least, view_->messages.end(), range.last,
                                       [](store::Uid uid, const auto& message) { return uid < message.uid; });
    recent += static_cast<std::uint32_t>(past - least);
  }
  return recent;
}

void SelectedMailbox::advance(const ViewPtr& next, bool mayExpunge, const OwnChange* own,
                              std::optional<store::Uid> firstRecent, std::string& out) {
  if (next == view_) return;
  Difference difference = compare(view_->messages, next->messages, own, false, nullptr);
  if (difference.gone.empty() || mayExpunge) {
    view_ = next;
  } else {
    auto withGone = std::make_shared<store::MailboxView>();
    withGone->highestModSeq = next->highestModSeq;
    withGone->uidNext = next->uidNext;
    withGone->messages.reserve(next->messages.size() + difference.gone.size());
    difference = compare(view_->messages, next->messages, own, true, &withGone->messages);
    difference.gone.clear();
    view_ = std::move(withGone);
  }
  if (firstRecent) claimRecent(*firstRecent);
  // From the end, so that no number has moved before it is named.
  for (auto gone = difference.gone.rbegin(); gone != difference.gone.rend(); ++gone) {
    fmt::format_to(std::back_inserter(out), "* {} EXPUNGE\r\n", *gone + 1);
  }
  if (difference.grown) appendSize(out);
  for (const Position position : difference.changed) appendFlagsResponse(out, position, false);
}

void SelectedMailbox::appendFlagsResponse(std::string& out, Position position, bool withUid) const {
  const auto& state = message(position);
  fmt::format_to(std::back_inserter(out), "* {} FETCH (", position + 1);
  if (withUid) fmt::format_to(std::back_inserter(out), "UID {} ", static_cast<std::uint32_t>(state.uid));
  out += "FLAGS ";
  appendFlags(out, keywords_, state.allFlags(), isRecent(state.uid));
  out += ")\r\n";
}

void SelectedMailbox::appendSize(std::string& out) const {
  fmt::format_to(std::back_inserter(out), "* {} EXISTS\r\n* {} RECENT\r\n", count(), recentCount());
}

}  // namespace posthouse::imapd
