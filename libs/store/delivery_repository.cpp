#include "store/delivery_repository.h"

#include <limits>

#include "store/blob_store.h"

namespace posthouse::store {
namespace {

constexpr std::string_view kDeliver = R"sql(
  SELECT status, uid, modseq, email_id FROM posthouse.deliver(
    $1, $2, $3, $4::smallint, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17))sql";

std::int64_t microseconds(std::optional<std::chrono::system_clock::time_point> time) {
  if (!time) return std::numeric_limits<std::int64_t>::min();
  return std::chrono::duration_cast<std::chrono::microseconds>(time->time_since_epoch()).count();
}

}  // namespace

std::vector<Delivered> DeliveryRepository::deliver(const Content& content, std::span<const Delivery> deliveries,
                                                   WhenBusy whenBusy) {
  const EncodedBlob& blob = content.encoded();
  if (blob.isChunked()) BlobStore(transaction_).put(blob);

  std::vector<AccountId> accounts;
  std::vector<MailboxId> mailboxes;
  std::vector<db::Octets> prefixes;
  std::vector<std::uint32_t> flags;
  std::vector<std::uint64_t> keywords;
  std::vector<std::int64_t> dates;
  std::vector<db::Octets> queueKeys;
  std::vector<db::Octets> retryKeys;
  for (const Delivery& delivery : deliveries) {
    accounts.push_back(delivery.account);
    mailboxes.push_back(delivery.mailbox);
    prefixes.push_back({delivery.prefix});
    flags.push_back(delivery.flags.bits);
    keywords.push_back(delivery.flags.keywords);
    dates.push_back(microseconds(delivery.internalDate));
    queueKeys.push_back({delivery.queueKey});
    retryKeys.push_back({delivery.retryKey});
  }

  const std::optional<db::Octets> body = blob.isChunked() ? std::nullopt : std::optional(db::Octets{blob.piece(0)});
  const auto rows =
      transaction_.exec(kDeliver, db::Octets{blob.id.view()}, blob.size, content.headerSize(), blob.encoding, body,
                        db::Octets{content.envelope()}, db::Octets{content.bodyStructure()}, content.sentAt(), accounts,
                        mailboxes, prefixes, flags, keywords, dates, queueKeys, retryKeys, whenBusy == WhenBusy::wait);
  std::vector<Delivered> delivered;
  for (const auto& row : rows) {
    delivered.push_back({.status = row.get<DeliveryStatus>(0),
                         .uid = row.get<std::optional<Uid>>(1).value_or(Uid{}),
                         .modSeq = row.get<std::optional<ModSeq>>(2).value_or(ModSeq{}),
                         .email = row.get<std::optional<EmailId>>(3).value_or(EmailId{})});
  }
  return delivered;
}

void DeliveryRepository::deleteRetryKeys(std::span<const DeliveryKey> keys) {
  std::vector<AccountId> accounts;
  std::vector<db::Octets> octets;
  for (const DeliveryKey& key : keys) {
    accounts.push_back(key.account);
    octets.push_back({key.key});
  }
  transaction_.exec("SELECT posthouse.delete_retry_keys($1, $2)", accounts, octets);
}

}  // namespace posthouse::store
