#include "message_octets.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace posthouse::imapd {

namespace {

std::uint64_t octetsOf(const Wanted& wanted) {
  return wanted.extent == Extent::whole || wanted.summary->size <= BunchReader::kSmall ? wanted.summary->size
                                                                                       : headerOctets(*wanted.summary);
}

}  // namespace

/// What is read together, from here on: small messages, or one that is not.
std::span<const Wanted> BunchReader::nextBunch() const noexcept {
  std::uint64_t octets = 0;
  std::size_t end = next_;
  while (end < wanted_.size() && wanted_[end].summary->size <= kSmall && octets < kBunch)
    octets += wanted_[end++].summary->size;
  return std::span(wanted_).subspan(next_, std::max<std::size_t>(end - next_, 1));
}

std::uint64_t BunchReader::toRead() const noexcept {
  if (!bunch_.empty()) return 0;
  std::uint64_t octets = 0;
  for (const Wanted& wanted : nextBunch()) octets += octetsOf(wanted);
  return octets;
}

Task<std::optional<std::string>> BunchReader::next() {
  if (const Wanted& wanted = wanted_[next_]; wanted.summary->size > kSmall) {
    ++next_;
    co_return co_await readRange(database_, account_, mailbox_, wanted.summary->uid, 0, octetsOf(wanted));
  }
  if (bunch_.empty()) {
    std::vector<const store::Summary*> some;
    for (const Wanted& wanted : nextBunch()) some.push_back(wanted.summary);
    auto messages = co_await database_.query(
        [&](db::Transaction& transaction) { return store::MessageRepository(transaction, account_).readAll(some); });
    bunch_.assign(std::make_move_iterator(messages.begin()), std::make_move_iterator(messages.end()));
  }
  ++next_;
  auto message = std::move(bunch_.front());
  bunch_.pop_front();
  co_return message;
}

Task<std::optional<std::string>> readRange(db::Database& database, store::AccountId account, store::MailboxId mailbox,
                                           store::Uid uid, std::uint64_t offset, std::uint64_t length) {
  co_return co_await database.query([&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, account).read(mailbox, uid, offset, length);
  });
}

Task<std::vector<store::Summary>> summaries(db::Database& database, store::AccountId account, store::MailboxId mailbox,
                                            const store::UidSet& uids) {
  co_return co_await database.query([&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, account).summaries(mailbox, uids);
  });
}

}  // namespace posthouse::imapd
