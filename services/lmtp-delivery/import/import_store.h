#pragma once
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "db/database.h"
#include "events/publisher.h"
#include "import/incoming.h"
#include "store/flags.h"
#include "store/mailbox_repository.h"

namespace posthouse::lmtp_delivery {

/// The mailboxes of one account as an import fills them. Throws what the database throws; where somebody else works on
/// the account, it has waited for a while.
class ImportStore {
 public:
  /// `attempts`: how often the account's lock is waited for, each time as long as the database is told to.
  ImportStore(db::Database& database, events::Publisher& publisher, store::AccountId account, int attempts = 10)
      : database_(database), publisher_(publisher), account_(account), attempts_(attempts) {}

  /// The folder of this name, made if it is not there; or why there is none.
  Task<std::expected<store::MailboxId, std::string>> folder(std::string_view name, bool subscribe);

  /// All in one transaction; an answer for each, in their order.
  Task<std::vector<Imported>> store(std::span<const Incoming> messages);

 private:
  void publish(std::span<const Incoming> messages, std::span<const Imported> imported);
  template <class Job>
  Task<std::invoke_result_t<Job&, db::Transaction&>> patiently(Job job);

  db::Database& database_;
  events::Publisher& publisher_;
  const store::AccountId account_;
  const int attempts_;
  store::KeywordDictionary keywords_;
};

}  // namespace posthouse::lmtp_delivery
