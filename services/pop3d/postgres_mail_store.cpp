#include "postgres_mail_store.h"

#include <stdexcept>

#include "store/mailbox_repository.h"
#include "store/uid_set.h"

namespace posthouse::pop3d {

using store::MessageRepository;

Task<Snapshot> PostgresMailStore::open(store::AccountId account) {
  co_return co_await database_.query([&](db::Transaction& transaction) {
    const auto inbox = store::MailboxRepository(transaction, account).find(store::kInbox);
    if (!inbox) throw std::runtime_error("the account has no INBOX");
    return Snapshot{inbox->uidValidity, MessageRepository(transaction, account).sizes(store::kInbox),
                    store::UniqueIdRepository(transaction, account).list(store::kInbox)};
  });
}

Task<std::vector<store::StoredMessage>> PostgresMailStore::fetch(store::AccountId account, store::UidSet uids) {
  co_return co_await database_.query(
      [&](db::Transaction& transaction) { return MessageRepository(transaction, account).fetch(store::kInbox, uids); });
}

Task<std::string> PostgresMailStore::readPiece(store::BlobPieces pieces, std::uint64_t number) {
  co_return co_await database_.single(
      [&](db::Transaction& transaction) { return store::BlobStore(transaction).readPiece(pieces, number); },
      db::Repeat::harmless);
}

Task<> PostgresMailStore::update(store::AccountId account, Update update) {
  for (const store::UidSet& slice : store::slices(update.seen)) {
    const store::FlagsStored stored = co_await database_.transactFor(
        account,
        [&](db::Transaction& transaction) {
          return MessageRepository(transaction, account)
              .storeFlags(store::kInbox, slice, store::FlagChange::add, store::Flag::seen);
        },
        db::Repeat::harmless);
    publish(account, stored.modSeq);
  }
  for (const store::UidSet& slice : store::slices(update.removed)) {
    const store::Expunged expunged = co_await database_.transactFor(
        account,
        [&](db::Transaction& transaction) {
          return MessageRepository(transaction, account).expunge(store::kInbox, slice, MessageRepository::Which::all);
        },
        db::Repeat::harmless);
    publish(account, expunged.modSeq);
  }
}

void PostgresMailStore::publish(store::AccountId account, store::ModSeq modSeq) {
  if (modSeq == store::ModSeq{}) return;  // nothing changed
  publisher_.publish({.account = static_cast<std::int64_t>(account),
                      .mailbox = static_cast<std::int32_t>(store::kInbox),
                      .modseq = static_cast<std::int64_t>(modSeq)});
}

}  // namespace posthouse::pop3d
