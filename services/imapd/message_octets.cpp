#include "message_octets.h"

namespace posthouse::imapd {

Task<std::optional<std::string>> BunchReader::read(const std::vector<Wanted>& wanted, std::size_t index) {
  if (!bunch_.contains(index)) {
    std::size_t end = index;
    for (std::uint64_t octets = 0; end < wanted.size() && (end == index || octets < kBunch); ++end) {
      octets += octetsOf(*wanted[end].summary, wanted[end].extent);
    }
    bunch_ = co_await database_.query([&](db::Transaction& transaction) {
      store::MessageRepository messages(transaction, account_);
      std::map<std::size_t, std::optional<std::string>> bunch;
      for (std::size_t i = index; i < end; ++i) {
        const auto& [summary, extent] = wanted[i];
        bunch[i] = extent == Extent::whole ? messages.read(mailbox_, summary->uid)
                                           : messages.read(mailbox_, summary->uid, 0, headerOctets(*summary));
      }
      return bunch;
    });
  }
  auto taken = bunch_.extract(index);
  co_return std::move(taken.mapped());
}

Task<std::optional<std::string>> BunchReader::readRange(store::Uid uid, std::uint64_t offset, std::uint64_t length) {
  co_return co_await database_.query([&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, account_).read(mailbox_, uid, offset, length);
  });
}

Task<std::vector<store::Summary>> summaries(db::Database& database, store::AccountId account, store::MailboxId mailbox,
                                            const store::UidSet& uids) {
  co_return co_await database.query([&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, account).summaries(mailbox, uids);
  });
}

}  // namespace posthouse::imapd
