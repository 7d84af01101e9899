#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "store/maildrop_repository.h"
#include "store/message_repository.h"
#include "store/types.h"
#include "store/uid_set.h"
#include "store/unique_id_repository.h"

namespace posthouse::pop3d {

/// The mailbox that is an account's maildrop.
struct MaildropId {
  store::AccountId account{};
  store::MailboxId mailbox = store::kInbox;
};

/// A maildrop at one moment.
struct Snapshot {
  store::MailboxId mailbox = store::kInbox;
  std::uint32_t uidValidity = 0;
  std::vector<store::MessageSize> messages;  // ascending by UID
  std::vector<store::UniqueId> uniqueIds{};  // ascending by UID: of those that came with one from another server
};

/// What a session does at its end.
struct Update {
  std::vector<store::Uid> seen;     // ascending
  std::vector<store::Uid> removed;  // ascending: marked by DELE
  std::vector<store::Uid> expired;  // ascending: go because they were fetched
  store::UidSet retrieved;          // fetched, now or in the sessions before; may name UIDs that nothing has
  /// What POP3 has ever fetched goes when it has been in the maildrop for so long.
  std::optional<std::chrono::days> expireAfter;

  bool deletes() const noexcept { return !removed.empty() || !expired.empty() || expireAfter; }
};

/// What it came to. Messages that were gone already are not counted.
struct Updated {
  std::size_t removed = 0;
  std::size_t expired = 0;
};

/// A message: whole if its body is small; otherwise what stands before the body, and where that is.
struct StoredMessage {
  store::Uid uid{};
  std::string octets;
  std::optional<store::BlobPieces> rest;
};

/// The maildrops of accounts: the store in PostgreSQL, or a fake in tests. Everything throws if the store cannot be
/// asked.
class MailStore {
 public:
  virtual ~MailStore() = default;

  using Opened = std::expected<Snapshot, store::MaildropRefusal>;
  /// Takes the maildrop for the holder, and reads it. If it throws, the maildrop may have been taken.
  virtual Task<Opened> open(const store::MaildropHolder& holder, const std::string& mailbox) = 0;
  /// For who reads alone: takes nothing, and asks for no delay.
  virtual Task<Opened> openToRead(store::AccountId account, const std::string& mailbox) = 0;

  /// Those of `uids` that are there, ascending.
  virtual Task<std::vector<StoredMessage>> fetch(MaildropId maildrop, store::UidSet uids) = 0;
  /// A piece of what is too large to be fetched whole, from 0.
  virtual Task<std::string> readPiece(store::BlobPieces pieces, std::uint64_t number) = 0;

  /// All of it or nothing; then the maildrop is no longer the holder's. What is gone already is passed over. Nothing
  /// was done if an answer is missing: somebody else has the maildrop, and something was to be deleted. If it throws,
  /// all may have been done.
  virtual Task<std::optional<Updated>> update(const store::MaildropHolder& holder, store::MailboxId mailbox,
                                              Update update) = 0;
  /// What these hold is free then.
  virtual Task<> release(std::vector<store::MaildropHolder> holders) = 0;
  /// Lets go what processes hold that have ended, as far as can be told from here.
  virtual Task<> releaseOfDead() = 0;
  /// These still hold what they took.
  virtual Task<> renew(std::vector<store::MaildropHolder> holders) = 0;
};

}  // namespace posthouse::pop3d
