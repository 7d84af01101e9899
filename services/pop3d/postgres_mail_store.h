#pragma once
#include "db/database.h"
#include "events/publisher.h"
#include "mail_store.h"

namespace posthouse::pop3d {

/// The INBOX of accounts in PostgreSQL. Tells the other programs of what it changed.
class PostgresMailStore final : public MailStore {
 public:
  PostgresMailStore(db::Database& database, events::Publisher& publisher)
      : database_(database), publisher_(publisher) {}

  Task<Snapshot> open(store::AccountId account) override;
  Task<std::vector<store::StoredMessage>> fetch(store::AccountId account, store::UidSet uids) override;
  Task<std::string> readPiece(store::BlobPieces pieces, std::uint64_t number) override;
  /// In transactions of at most store::kSlice messages each.
  Task<> update(store::AccountId account, Update update) override;

 private:
  void publish(store::AccountId account, store::ModSeq modSeq);

  db::Database& database_;
  events::Publisher& publisher_;
};

}  // namespace posthouse::pop3d
