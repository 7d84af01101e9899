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

Task<ReadAhead::Fetched> ReadAhead::fetch(MailStore& store, ReadAheadPool& pool, MaildropId maildrop,
                                          store::UidSet uids) {
  auto messages = co_await store.fetch(maildrop, std::move(uids));
  co_return Fetched{std::move(messages), pool.now()};
}

/// As many messages from `first` on as are not marked as deleted and fit; the first at least, if it is asked for.
std::optional<ReadAhead::Batch> ReadAhead::start(const Maildrop& maildrop, std::uint32_t first, std::uint32_t most,
                                                 bool isAskedFor) {
  Batch batch;
  batch.first = batch.last = first;
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
  batch.uids = uids;
  batch.coming.emplace(pool_.tasks, fetch(store_, pool_, maildrop.id(), std::move(uids)));
  return batch;
}

std::optional<StoredMessage> ReadAhead::takeFrom(Fetched& fetched, store::Uid uid) {
  const auto found = std::ranges::lower_bound(fetched.messages, uid, {}, &StoredMessage::uid);
  if (found == fetched.messages.end() || found->uid != uid) return std::nullopt;
  return StoredMessage{.uid = uid, .octets = std::exchange(found->octets, {}), .rest = std::exchange(found->rest, {})};
}

/// Makes current_ a batch that has the message.
Task<> ReadAhead::provide(const Maildrop& maildrop, std::uint32_t number, bool isInOrder) {
  std::optional<Batch> batch;
  const store::Uid uid = maildrop.uid(pop3::MessageNumber{number});
  if (current_ && current_->covers(uid)) {
    if (pool_.now() - current_->fetched.at < kFresh) co_return;
    window_ = std::max(1U, current_->taken);  // it takes no more of them in time
  } else if (next_ && next_->covers(uid)) {
    batch = std::exchange(next_, std::nullopt);
  } else if (isInOrder) {
    widened();
  }
  current_.reset();
  next_.reset();
  if (batch) {
    batch->fetched = co_await std::move(*batch->coming).value();
    if (pool_.now() - batch->fetched.at >= kFresh) batch.reset();
  }
  if (!batch) {
    batch = start(maildrop, number, window_, true);
    batch->fetched = co_await std::move(*batch->coming).value();
  }
  batch->coming.reset();
  current_ = std::move(batch);
}

Task<std::optional<StoredMessage>> ReadAhead::take(const Maildrop& maildrop, pop3::MessageNumber message) {
  const auto number = static_cast<std::uint32_t>(message);
  if (number == taken_) {  // RETR after TOP
    Fetched again = co_await fetch(store_, pool_, maildrop.id(), {maildrop.uid(message)});
    co_return takeFrom(again, maildrop.uid(message));
  }
  const auto now = pool_.now();
  const bool isBrisk = now - std::exchange(takenAt_, now) < kFresh;
  const bool isInOrder =
      isBrisk && number > taken_ && (number == following(maildrop, taken_) || (current_ && number <= current_->last));
  taken_ = number;
  if (!isInOrder) letGo();
  co_await provide(maildrop, number, isInOrder);
  ++current_->taken;
  std::optional<StoredMessage> taken = takeFrom(current_->fetched, maildrop.uid(message));
  const std::uint32_t last = current_->last;
  const bool isHalfTaken = last - number <= (last - current_->first) / 2;
  const std::uint32_t first = isInOrder && !next_ && isHalfTaken ? following(maildrop, last) : 0;
  if (first != 0) next_ = start(maildrop, first, widened(), false);
  if (number == last && !next_) current_.reset();
  co_return taken;
}

void ReadAhead::letGo() noexcept {
  current_.reset();
  next_.reset();
  window_ = 1;
}

std::uint32_t ReadAhead::widened() noexcept {
  return window_ = std::min(window_ * kGrowth, kMostMessages);
}

}  // namespace posthouse::pop3d
