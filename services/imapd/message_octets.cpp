#include "message_octets.h"

#include <iterator>
#include <utility>

namespace posthouse::imapd {

Task<std::optional<std::string>> BunchReader::next() {
  const auto [summary, extent] = wanted_[next_];
  if (summary->size > kSmall) {
    ++next_;
    const std::uint64_t octets = extent == Extent::whole ? summary->size : headerOctets(*summary);
    co_return co_await readRange(database_, account_, mailbox_, summary->uid, 0, octets);
  }
  if (bunch_.empty()) {
    std::vector<const store::Summary*> some;
    std::uint64_t octets = 0;
    for (std::size_t i = next_; i < wanted_.size() && wanted_[i].summary->size <= kSmall && octets < kBunch; ++i) {
      some.push_back(wanted_[i].summary);
      octets += wanted_[i].summary->size;
    }
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
