#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "async/task.h"
#include "store/message_repository.h"
#include "store/types.h"
#include "store/uid_set.h"
#include "store/unique_id_repository.h"

namespace posthouse::pop3d {

/// The INBOX at one moment.
struct Snapshot {
  std::uint32_t uidValidity = 0;
  std::vector<store::MessageSize> messages;  // ascending by UID
  std::vector<store::UniqueId> uniqueIds{};  // ascending by UID: of those that came with one from another server
};

/// What a session does at its end.
struct Update {
  std::vector<store::Uid> seen;     // ascending
  std::vector<store::Uid> removed;  // ascending
};

/// The INBOX of accounts: the store in PostgreSQL, or a fake in tests. Everything throws if the store cannot be asked.
class MailStore {
 public:
  virtual ~MailStore() = default;

  virtual Task<Snapshot> open(store::AccountId account) = 0;

  /// Those of `uids` that are there, ascending.
  virtual Task<std::vector<store::StoredMessage>> fetch(store::AccountId account, store::UidSet uids) = 0;
  /// A piece of what is too large to be fetched whole, from 0.
  virtual Task<std::string> readPiece(store::BlobPieces pieces, std::uint64_t number) = 0;

  /// Those that are gone already are passed over. May be repeated.
  virtual Task<> update(store::AccountId account, Update update) = 0;
};

}  // namespace posthouse::pop3d
