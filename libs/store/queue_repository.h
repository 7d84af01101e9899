#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/content.h"
#include "store/queue_id.h"
#include "store/types.h"

namespace posthouse::store {

/// NOTIFY of RFC 3461 §4.1 as bits; none given: failure and delay.
namespace notify {
inline constexpr std::int16_t kNever = 1;
inline constexpr std::int16_t kSuccess = 2;
inline constexpr std::int16_t kFailure = 4;
inline constexpr std::int16_t kDelay = 8;
}  // namespace notify

/// RET of RFC 3461 §4.3.
enum class Ret : char { unspecified = '-', full = 'F', headers = 'H' };

struct QueuedRecipient {
  std::string address;
  std::string originalRecipient;  // ORCPT, decoded, as "rfc822;bob@x.example"; empty: none
  std::int16_t notify = 0;
  std::string destination;  // what limits and sharding go by: the domain in lower case, or kLocal
  std::chrono::system_clock::time_point nextAt;
  /// Of the kind that deliveries have (DeliveryKey, kind 'c'): if it is known, the recipient is passed over, because
  /// the mail was taken before and its client came again. Empty: none. Not read back.
  std::string retryKey = {};
  AccountId retryAccount = {};  // whose key it is; 0 for recipients that are not ours

  /// Destination of recipients that lmtp-delivery takes.
  static constexpr std::string_view kLocal = "local";
};

struct QueuedMessage {
  QueueId id{};
  std::string sender;      // reverse-path, empty for a bounce
  std::string envelopeId;  // ENVID, decoded; empty: none
  Ret ret = Ret::unspecified;
  bool eightBit = false;  // BODY=8BITMIME
  bool utf8 = false;      // SMTPUTF8
  std::chrono::system_clock::time_point createdAt;
  std::chrono::system_clock::time_point expiresAt;
};

/// One recipient that a worker has leased, with what it needs to know of the message.
struct Claim {
  QueuedMessage message;
  BlobId blob;
  std::uint64_t size = 0;
  QueuedRecipient recipient;
  std::int16_t shard = 0;
  std::int32_t number = 0;    // of the recipient in its message
  std::int32_t attempts = 0;  // this one included; also proves the lease when it is given back
  std::string lastError;
  bool delayReported = false;  // a delay DSN was sent for it
  bool leaseExpired = false;   // taken over from a worker that did not give it back
};

/// A recipient in the queue as administrators see it.
struct QueueEntry {
  QueuedMessage message;
  QueuedRecipient recipient;
  std::int32_t attempts = 0;
  std::string lastError;
  enum class State { ready, active, deferred, held } state{};
};

struct QueueCounts {
  struct Of {
    std::int64_t recipients = 0;
    std::chrono::seconds oldest{0};  // age of the oldest
  };
  Of ready, active, deferred, held;
};

/// Mail on its way out. A message stands in the queue once for each shard that its recipients' destinations fall into.
class QueueRepository {
 public:
  explicit QueueRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// Stores message and body, and the retry keys for DeliveryRepository::deleteRetryKeys. May be repeated: a second
  /// time it does nothing.
  void enqueue(const QueuedMessage& message, std::span<const QueuedRecipient> recipients, const Content& content);

  /// Leases up to `limit` due recipients: if they are not given back before the lease ends, others may claim them.
  /// Destinations in `except` are passed over, and unless `takesOver` so are those whose lease has ended with nobody
  /// giving them back.
  std::vector<Claim> claim(std::chrono::seconds lease, int limit, const std::vector<std::string>& except = {},
                           bool takesOver = true);
  /// The body, or nothing if the message has left the queue.
  std::optional<std::string> load(const Claim& claim);

  /// The leases end later. Returns how many still were the caller's.
  std::int64_t renew(std::span<const Claim> claims, std::chrono::seconds lease);
  /// The recipients are dealt with: delivered, bounced or expired. Those whose lease was lost are left alone. Returns
  /// how many were removed. A DSN belongs into the same transaction: enqueue() it.
  std::int64_t finish(std::span<const Claim> claims);
  /// Tries again at `nextAt`. False if the lease was lost: then somebody else decides.
  bool defer(const Claim& claim, std::chrono::system_clock::time_point nextAt, std::string_view error);
  /// A delay DSN was enqueued in this transaction.
  void delayReported(const Claim& claim);

  QueueCounts counts();
  /// Of all workers one leads for that long, and goes on if it asks again in time. True if it is the caller.
  bool lead(std::string_view caller, std::chrono::seconds duration);
  /// Ordered by queue id, after `after`.
  std::vector<QueueEntry> list(QueueId after, int limit);
  std::vector<QueueEntry> show(QueueId id);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
