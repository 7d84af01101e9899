#pragma once
#include <chrono>

#include "db/database.h"
#include "events/publisher.h"
#include "mail_store.h"

namespace posthouse::pop3d {

/// The maildrops of accounts in PostgreSQL. Tells the other programs of what it changed.
class PostgresMailStore final : public MailStore {
 public:
  /// How a maildrop is held.
  struct Terms {
    std::chrono::milliseconds lease{30'000};  // by which a dead process's maildrops are free again
    std::chrono::milliseconds loginDelay{0};  // from one login to the next
  };

  PostgresMailStore(db::Database& database, events::Publisher& publisher, Terms terms)
      : database_(database), publisher_(publisher), terms_(terms) {}

  Task<Opened> open(const store::MaildropHolder& holder, const std::string& mailbox) override;
  Task<Opened> openToRead(store::AccountId account, const std::string& mailbox) override;
  Task<std::vector<store::StoredMessage>> fetch(MaildropId maildrop, store::UidSet uids) override;
  Task<std::string> readPiece(store::BlobPieces pieces, std::uint64_t number) override;
  /// In one transaction: a few statements for each store::kSlice messages.
  Task<std::optional<Updated>> update(const store::MaildropHolder& holder, store::MailboxId mailbox,
                                      Update update) override;
  Task<> release(const store::MaildropHolder& holder) override;
  Task<> releaseOfDead() override;
  Task<> renew(std::vector<store::MaildropHolder> holders) override;

 private:
  void publish(MaildropId maildrop, store::ModSeq modSeq);

  db::Database& database_;
  events::Publisher& publisher_;
  const Terms terms_;
};

}  // namespace posthouse::pop3d
