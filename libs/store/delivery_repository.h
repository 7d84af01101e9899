#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/transaction.h"
#include "store/content.h"
#include "store/flags.h"
#include "store/types.h"

namespace posthouse::store {

/// One account that a message is delivered to.
struct Delivery {
  AccountId account{};
  MailboxId mailbox = kInbox;
  std::string prefix = {};  // header lines put before the body for this account: Return-Path, Delivered-To
  Flags flags = {};
  std::optional<std::chrono::system_clock::time_point> internalDate = {};  // nothing: now
  std::string queueKey = {};  // kind 'q': queue id, newline, original recipient; stored with the body's. Empty: none
  std::string retryKey = {};  // kind 'c': hash of reverse-path, recipient and octets as received. Empty: none
};

enum class DeliveryStatus : std::int16_t {  // values are what posthouse.deliver returns
  stored = 0,
  repeated = 1,  // one of its keys is known: delivered before, nothing stored now
  overQuota = 2,
  noSuchAccount = 3,
  noSuchMailbox = 4,
  busy = 5,  // somebody else writes to the account: deliver to it alone, in Database::transactFor
};

struct Delivered {
  DeliveryStatus status{};
  Uid uid{};        // stored; and repeated, if the mailbox still tells
  ModSeq modSeq{};  // stored
  EmailId email{};  // stored
};

/// A key of an account, to be forgotten.
struct DeliveryKey {
  AccountId account{};
  std::string key;
};

/// One message for one account, on its way with others. Refers to both.
struct Parcel {
  const Content* content;
  const Delivery* delivery;
};

/// Stores messages, for each account once (ARCHITECTURE.md, rule 3). One statement for bodies up to
/// EncodedBlob::kChunk: run it by Database::single with Repeat::harmless if every delivery has a key. Larger ones need
/// Database::transact.
class DeliveryRepository {
 public:
  explicit DeliveryRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  enum class WhenBusy {
    report,  // skip accounts that somebody else has locked
    wait,    // up to the lock timeout, then db::Busy
  };
  /// An answer for each parcel, in their order, in which UIDs are given too. An account may occur more than once, and
  /// what has a key in common with a parcel before it is answered as its repeat.
  std::vector<Delivered> deliver(std::span<const Parcel> parcels, WhenBusy whenBusy);
  /// One message for many accounts.
  std::vector<Delivered> deliver(const Content& content, std::span<const Delivery> deliveries, WhenBusy whenBusy);

  /// Queue keys of these are remembered from now on, as if they had been delivered now.
  void renewQueueKeys(std::span<const Parcel> parcels);

  /// Forgets retry keys: their client has read the 250 and will not come again. Says which were not there, as positions
  /// in `keys`.
  std::vector<std::size_t> deleteRetryKeys(std::span<const DeliveryKey> keys);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
