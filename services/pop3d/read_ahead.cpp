#include "read_ahead.h"

#include <algorithm>
#include <utility>

namespace posthouse::pop3d {
namespace {

constexpr std::uint32_t kMostMessages = 64;        // of a batch
constexpr std::uint32_t kGrowth = 4;               // times as many as the batch before
constexpr std::uint64_t kMostOctets = 256 * 1024;  // of a batch
constexpr std::uint64_t kMostPrefix = 16 * 1024;   // what delivery puts above a body is less
constexpr std::uint64_t kDescription = 1024;
constexpr std::chrono::seconds kFresh{1};  // for so long

/// The next message that is not marked as deleted; 0 after the last.
std::uint32_t following(const Maildrop& maildrop, std::uint32_t number) {
  for (++number; number <= maildrop.size(); ++number)
    if (maildrop.has(pop3::MessageNumber{number})) return number;
  return 0;
}

/// Octets that are held of a message that was fetched. Of a large one, not its body.
std::uint64_t inMemory(const Maildrop& maildrop, std::uint32_t number) {
  const std::uint64_t octets = maildrop.octets(pop3::MessageNumber{number});
  return octets > store::EncodedBlob::kChunk + kMostPrefix ? kDescription : octets;
}

}  // namespace

bool ReadAhead::Batch::covers(std::uint32_t number, Time now) const noexcept {
  return number >= first && number <= last && now - asOf < kFresh;
}

/// As many messages from `first` on as are not marked as deleted and fit; the first at least, if it is asked for.
std::optional<ReadAhead::Batch> ReadAhead::start(const Maildrop& maildrop, std::uint32_t first, std::uint32_t most,
                                                 bool isAskedFor) {
  Batch batch;
  batch.first = batch.last = first;
  batch.asOf = std::chrono::steady_clock::now();
  store::UidSet uids{maildrop.uid(pop3::MessageNumber{first})};
  std::uint64_t octets = inMemory(maildrop, first);
  for (std::uint32_t number = following(maildrop, first); number != 0 && uids.count() < most;
       number = following(maildrop, number)) {
    octets += inMemory(maildrop, number);
    if (octets > kMostOctets) break;
    uids.add(maildrop.uid(pop3::MessageNumber{number}));
    batch.last = number;
  }
  batch.share = pool_.share(octets);
  if (!batch.share) {
    if (!isAskedFor) return std::nullopt;
    uids = {maildrop.uid(pop3::MessageNumber{first})};
    batch.last = first;
  }
  batch.coming.emplace(pool_.tasks, store_.fetch(maildrop.id(), std::move(uids)));
  return batch;
}

std::optional<store::StoredMessage> ReadAhead::takeFrom(Batch& batch, store::Uid uid) {
  const auto found = std::ranges::lower_bound(batch.messages, uid, {}, &store::StoredMessage::uid);
  if (found == batch.messages.end() || found->uid != uid) return std::nullopt;
  return store::StoredMessage{
      .uid = uid, .octets = std::exchange(found->octets, {}), .rest = std::exchange(found->rest, {})};
}

Task<std::optional<store::StoredMessage>> ReadAhead::take(const Maildrop& maildrop, pop3::MessageNumber message) {
  const auto number = static_cast<std::uint32_t>(message);
  const auto now = std::chrono::steady_clock::now();
  const bool isInOrder =
      number > taken_ && (number == following(maildrop, taken_) || (current_ && number <= current_->last));
  taken_ = number;
  if (!isInOrder) {
    current_.reset();
    next_.reset();
    window_ = 1;
  }
  if (!current_ || !current_->covers(number, now)) {
    Batch batch = next_ && next_->covers(number, now) ? std::move(*next_)
                                                      : *start(maildrop, number, isInOrder ? widened() : window_, true);
    current_.reset();
    next_.reset();
    batch.messages = co_await std::move(*batch.coming).value();
    current_ = std::move(batch);
  }
  std::optional<store::StoredMessage> taken = takeFrom(*current_, maildrop.uid(message));
  const std::uint32_t last = current_->last;
  const bool isHalfTaken = last - number <= (last - current_->first) / 2;
  const std::uint32_t first = isInOrder && !next_ && isHalfTaken ? following(maildrop, last) : 0;
  if (first != 0) next_ = start(maildrop, first, widened(), false);
  if (number == last && !next_) current_.reset();
  co_return taken;
}

std::uint32_t ReadAhead::widened() noexcept {
  return window_ = std::min(window_ * kGrowth, kMostMessages);
}

}  // namespace posthouse::pop3d
