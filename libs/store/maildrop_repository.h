#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/message_repository.h"
#include "store/types.h"
#include "store/uid_set.h"
#include "store/unique_id_repository.h"

namespace posthouse::store {

/// A POP3 session that holds an account's maildrop, or wants to.
struct MaildropHolder {
  AccountId account{};
  std::string id{};        // random, and no other session's
  std::string session{};   // by which logs, and who else wants the maildrop, know it
  std::string instance{};  // of the program
  std::string process{};   // that it is
};

struct OpenedMaildrop {
  MailboxId mailbox{};
  std::uint32_t uidValidity = 0;
  std::vector<MessageSize> messages{};  // ascending by UID
  std::vector<UniqueId> uniqueIds{};    // ascending by UID; there may be some of messages that are gone
};

/// Why a maildrop is not opened. Nothing has changed then.
struct MaildropRefusal {
  enum class Reason {
    noSuchMailbox,
    inUse,  // by another session
    tooSoon,
  };
  Reason reason{};
  TimePoint since{};                 // inUse: the login of whom holds it,
  std::string session{};             // his session,
  std::string instance{};            // and the program that he talks to
  std::chrono::milliseconds left{};  // tooSoon: until a login is let in
};

/// The lock on an account's maildrop (RFC 1939 §4, §8): a lease, by the database's clock. It commits without waiting
/// for the disk, and is gone with a crash of the database, which QUIT and renewals mend.
class MaildropRepository {
 public:
  MaildropRepository(db::Transaction& transaction, AccountId account) noexcept
      : transaction_(transaction), account_(account) {}

  /// Takes the maildrop and reads it, unless the last login was less than `loginDelay` ago. One statement: for
  /// Database::single, where a repeat is harmless.
  std::expected<OpenedMaildrop, MaildropRefusal> open(std::string_view mailbox, const MaildropHolder& holder,
                                                      std::chrono::milliseconds lease,
                                                      std::chrono::milliseconds loginDelay);
  /// Whether the maildrop is the holder's, also until the end of the transaction: he still has it, or has it again
  /// because nobody took it meanwhile. Before the account's own lock.
  bool hold(const MaildropHolder& holder, std::chrono::milliseconds lease);
  /// Lets go, in one statement, what of these is not somebody else's by now. No two holders have the same id.
  static void release(db::Transaction& transaction, const std::vector<MaildropHolder>& holders);
  /// All leases anew, in one statement, but for those that are held by a transaction just now. Who lost his maildrop
  /// gets it again if nobody has it, and not if he has let it go himself.
  static void renew(db::Transaction& transaction, const std::vector<MaildropHolder>& holders,
                    std::chrono::milliseconds lease);

  /// The processes that hold maildrops. Reads all of the table.
  static std::vector<std::string> processes(db::Transaction& transaction);
  /// Lets go what these held: they are dead.
  static void releaseOf(db::Transaction& transaction, const std::vector<std::string>& processes);

  /// These have been fetched by POP3. The account is locked.
  void noteRetrieved(MailboxId mailbox, const UidSet& uids);
  /// What POP3 has fetched and what has been in the mailbox for so long, `most` at most. Ascending.
  std::vector<Uid> expired(MailboxId mailbox, std::chrono::days age, std::size_t most);

 private:
  db::Transaction& transaction_;
  AccountId account_;
};

}  // namespace posthouse::store
