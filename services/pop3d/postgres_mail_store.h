#pragma once
#include <chrono>
#include <map>
#include <vector>

#include "blob_cache.h"
#include "db/database.h"
#include "events/publisher.h"
#include "mail_store.h"
#include "store/blob_store.h"
#include "store/message_repository.h"

namespace posthouse::pop3d {

/// The maildrops of accounts in PostgreSQL. Tells the other programs of what it changed.
class PostgresMailStore final : public MailStore {
 public:
  /// How a maildrop is held.
  struct Terms {
    std::chrono::milliseconds lease{30'000};  // by which a dead process's maildrops are free again
    std::chrono::milliseconds loginDelay{0};  // from one login to the next
  };

  PostgresMailStore(db::Database& database, events::Publisher& publisher, BlobCache& cache, Terms terms)
      : database_(database), publisher_(publisher), cache_(cache), terms_(terms) {}

  Task<Opened> open(const store::MaildropHolder& holder, const std::string& mailbox) override;
  Task<Opened> openToRead(store::AccountId account, const std::string& mailbox) override;
  /// In one statement, or two if there are bodies that the cache does not have.
  Task<std::vector<StoredMessage>> fetch(MaildropId maildrop, store::UidSet uids) override;
  Task<std::string> readPiece(store::BlobPieces pieces, std::uint64_t number) override;
  /// In one transaction: a few statements for each store::kSlice messages.
  Task<std::optional<Updated>> update(const store::MaildropHolder& holder, store::MailboxId mailbox,
                                      Update update) override;
  Task<> release(std::vector<store::MaildropHolder> holders) override;
  Task<> releaseOfDead() override;
  Task<> renew(std::vector<store::MaildropHolder> holders) override;

 private:
  using Bodies = std::map<store::BlobId, store::StoredBody>;
  void publish(MaildropId maildrop, store::ModSeq modSeq);
  Task<std::vector<store::MessageReference>> references(MaildropId maildrop, const store::UidSet& uids);
  Task<Bodies> bodies(const std::vector<store::BlobId>& blobs);

  db::Database& database_;
  events::Publisher& publisher_;
  BlobCache& cache_;
  const Terms terms_;
};

}  // namespace posthouse::pop3d
