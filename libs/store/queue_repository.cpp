#include "store/queue_repository.h"

#include "store/blob_store.h"

namespace posthouse::store {
namespace {

using TimePoint = std::chrono::system_clock::time_point;

constexpr int kEightBit = 1;
constexpr int kUtf8 = 2;

constexpr std::string_view kEnqueue = R"sql(
  SELECT posthouse.enqueue($1, $2, $3::smallint, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18))sql";

constexpr std::string_view kClaim = R"sql(
  SELECT qshard, qid, rno, dest, rcpt, orcpt, notify, next_at, attempts, last_error, delay_reported, lease_expired,
         sender, envid, ret, flags, blob_id, size, created_at, expires_at
    FROM posthouse.queue_claim($1, $2 * interval '1 second', $3, $4))sql";

constexpr std::string_view kState = R"sql(
  CASE WHEN r.next_at = 'infinity' THEN 'held' WHEN r.next_at <= clock_timestamp() THEN 'ready' WHEN r.leased THEN 'active' ELSE 'deferred' END)sql";

constexpr std::string_view kEntries = R"sql(
         r.qid, r.dest, r.rcpt, r.orcpt, r.notify, r.next_at, r.attempts, r.last_error, m.sender, m.envid, m.ret::text, m.flags, m.created_at, m.expires_at
    FROM posthouse.queue_rcpt r JOIN posthouse.queue_msg m ON m.qshard = r.qshard AND m.qid = r.qid)sql";

std::int64_t microseconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

Ret retOf(std::string_view text) {
  return text.empty() ? Ret::unspecified : static_cast<Ret>(text.front());
}

QueueEntry::State stateOf(std::string_view text) {
  if (text == "held") return QueueEntry::State::held;
  if (text == "ready") return QueueEntry::State::ready;
  return text == "active" ? QueueEntry::State::active : QueueEntry::State::deferred;
}

/// Claims as the functions take them: what names a recipient, and what proves its lease.
struct ClaimKeys {
  std::vector<std::int16_t> shards;
  std::vector<QueueId> ids;
  std::vector<std::int32_t> numbers;
  std::vector<std::int32_t> attempts;

  explicit ClaimKeys(std::span<const Claim> claims) {
    for (const Claim& claim : claims) {
      shards.push_back(claim.shard);
      ids.push_back(claim.message.id);
      numbers.push_back(claim.number);
      attempts.push_back(claim.attempts);
    }
  }
};

std::vector<QueueEntry> entries(const db::Rows& rows) {
  std::vector<QueueEntry> entries;
  for (const auto& row : rows) {
    const int flags = row.get<int>(12);
    entries.push_back({.message = {.id = row.get<QueueId>(1),
                                   .sender = row.get<std::string>(9),
                                   .envelopeId = row.get<std::string>(10),
                                   .ret = retOf(row.view(11)),
                                   .eightBit = (flags & kEightBit) != 0,
                                   .utf8 = (flags & kUtf8) != 0,
                                   .createdAt = row.get<TimePoint>(13),
                                   .expiresAt = row.get<TimePoint>(14)},
                       .recipient = {.address = row.get<std::string>(3),
                                     .originalRecipient = row.get<std::string>(4),
                                     .notify = row.get<std::int16_t>(5),
                                     .destination = row.get<std::string>(2),
                                     .nextAt = row.get<TimePoint>(6)},
                       .attempts = row.get<std::int32_t>(7),
                       .lastError = row.get<std::string>(8),
                       .state = stateOf(row.view(0))});
  }
  return entries;
}

}  // namespace

void QueueRepository::enqueue(const QueuedMessage& message, std::span<const QueuedRecipient> recipients,
                              const Content& content) {
  const EncodedBlob& blob = content.encoded();
  if (blob.isChunked()) BlobStore(transaction_).put(blob);

  std::vector<std::string> destinations;
  std::vector<std::string> addresses;
  std::vector<std::string> originals;
  std::vector<std::int16_t> notifies;
  std::vector<std::int64_t> due;
  std::vector<std::int64_t> accounts;
  std::vector<db::Octets> retryKeys;
  for (const QueuedRecipient& recipient : recipients) {
    destinations.push_back(recipient.destination);
    addresses.push_back(recipient.address);
    originals.push_back(recipient.originalRecipient);
    notifies.push_back(recipient.notify);
    due.push_back(microseconds(recipient.nextAt));
    accounts.push_back(static_cast<std::int64_t>(recipient.retryAccount));
    retryKeys.push_back(db::Octets{recipient.retryKey});
  }
  const std::string ret(1, static_cast<char>(message.ret));
  const int flags = (message.eightBit ? kEightBit : 0) | (message.utf8 ? kUtf8 : 0);
  const std::optional<db::Octets> body = blob.isChunked() ? std::nullopt : std::optional(db::Octets{blob.piece(0)});
  transaction_.exec(kEnqueue, db::Octets{blob.id.view()}, blob.size, blob.encoding, body, message.id, message.sender,
                    message.envelopeId, ret, flags, message.createdAt, message.expiresAt, destinations, addresses,
                    originals, notifies, due, accounts, retryKeys);
}

std::vector<Claim> QueueRepository::claim(std::chrono::seconds lease, int limit, const std::vector<std::string>& except,
                                          bool takesOver) {
  std::vector<Claim> claims;
  for (const auto& row : transaction_.exec(kClaim, limit, static_cast<double>(lease.count()), except, takesOver)) {
    const int flags = row.get<int>(15);
    claims.push_back({.message = {.id = row.get<QueueId>(1),
                                  .sender = row.get<std::string>(12),
                                  .envelopeId = row.get<std::string>(13),
                                  .ret = retOf(row.view(14)),
                                  .eightBit = (flags & kEightBit) != 0,
                                  .utf8 = (flags & kUtf8) != 0,
                                  .createdAt = row.get<TimePoint>(18),
                                  .expiresAt = row.get<TimePoint>(19)},
                      .blob = BlobId::from(row.view(16)),
                      .size = row.get<std::uint64_t>(17),
                      .recipient = {.address = row.get<std::string>(4),
                                    .originalRecipient = row.get<std::string>(5),
                                    .notify = row.get<std::int16_t>(6),
                                    .destination = row.get<std::string>(3),
                                    .nextAt = row.get<TimePoint>(7)},
                      .shard = row.get<std::int16_t>(0),
                      .number = row.get<std::int32_t>(2),
                      .attempts = row.get<std::int32_t>(8),
                      .lastError = row.get<std::string>(9),
                      .delayReported = row.get<bool>(10),
                      .leaseExpired = row.get<bool>(11)});
  }
  return claims;
}

std::optional<std::string> QueueRepository::load(const Claim& claim) {
  return BlobStore(transaction_).read(claim.blob);
}

std::int64_t QueueRepository::renew(std::span<const Claim> claims, std::chrono::seconds lease) {
  const ClaimKeys keys(claims);
  return transaction_
      .exec1("SELECT posthouse.queue_renew($1, $2, $3, $4, $5 * interval '1 second')", keys.shards, keys.ids,
             keys.numbers, keys.attempts, static_cast<double>(lease.count()))[0]
      .get<std::int64_t>(0);
}

std::int64_t QueueRepository::finish(std::span<const Claim> claims) {
  const ClaimKeys keys(claims);
  return transaction_
      .exec1("SELECT posthouse.queue_finish($1, $2, $3, $4)", keys.shards, keys.ids, keys.numbers, keys.attempts)[0]
      .get<std::int64_t>(0);
}

bool QueueRepository::defer(const Claim& claim, TimePoint nextAt, std::string_view error) {
  return transaction_
      .exec1("SELECT posthouse.queue_defer($1::smallint, $2, $3, $4, $5, $6)", claim.shard, claim.message.id,
             claim.number, claim.attempts, nextAt, error)[0]
      .get<bool>(0);
}

void QueueRepository::delayReported(const Claim& claim) {
  transaction_.exec("SELECT posthouse.queue_delay_reported($1::smallint, $2, $3)", claim.shard, claim.message.id,
                    claim.number);
}

bool QueueRepository::lead(std::string_view caller, std::chrono::seconds duration) {
  return transaction_
      .exec1("SELECT posthouse.queue_lead($1, $2 * interval '1 second')", caller,
             static_cast<double>(duration.count()))[0]
      .get<bool>(0);
}

QueueCounts QueueRepository::counts() {
  QueueCounts counts;
  const auto rows = transaction_.exec("SELECT" + std::string(kState) + R"sql( AS state, count(*),
         extract(epoch FROM clock_timestamp() - min(m.created_at))::bigint
    FROM posthouse.queue_rcpt r JOIN posthouse.queue_msg m ON m.qshard = r.qshard AND m.qid = r.qid GROUP BY 1)sql");
  for (const auto& row : rows) {
    const QueueCounts::Of of{.recipients = row.get<std::int64_t>(1),
                             .oldest = std::chrono::seconds(row.get<std::int64_t>(2))};
    switch (stateOf(row.view(0))) {
      case QueueEntry::State::ready:
        counts.ready = of;
        break;
      case QueueEntry::State::active:
        counts.active = of;
        break;
      case QueueEntry::State::deferred:
        counts.deferred = of;
        break;
      case QueueEntry::State::held:
        counts.held = of;
        break;
    }
  }
  return counts;
}

std::vector<QueueEntry> QueueRepository::list(QueueId after, int limit) {
  return entries(transaction_.exec(
      "SELECT" + std::string(kState) + "," + std::string(kEntries) + " WHERE r.qid > $1 ORDER BY r.qid, r.rno LIMIT $2",
      after, limit));
}

std::vector<QueueEntry> QueueRepository::show(QueueId id) {
  // Every shard is asked: which ones hold the message, only its recipients tell.
  return entries(transaction_.exec(
      "SELECT" + std::string(kState) + "," + std::string(kEntries) +
          " WHERE r.qshard = ANY (ARRAY(SELECT generate_series(0, 15)::smallint)) AND r.qid = $1 ORDER BY r.rno",
      id));
}

}  // namespace posthouse::store
