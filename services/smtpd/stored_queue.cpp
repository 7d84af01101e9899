#include "stored_queue.h"

#include "base/ascii.h"
#include "store/queue_repository.h"

namespace posthouse::smtpd {
namespace {

store::QueuedMessage messageOf(const Transaction& transaction, std::chrono::system_clock::time_point now,
                               std::chrono::milliseconds lifetime) {
  store::QueuedMessage message;
  message.id = transaction.id;
  message.sender = transaction.reversePath;
  message.eightBit = transaction.parameters.body == smtp::Body::eightBitMime;
  message.utf8 = transaction.parameters.smtpUtf8;
  message.createdAt = now;
  message.expiresAt = now + lifetime;
  return message;
}

std::vector<store::QueuedRecipient> recipientsOf(const std::vector<Destination>& destinations,
                                                 std::chrono::system_clock::time_point now) {
  std::vector<store::QueuedRecipient> recipients;
  for (const Destination& destination : destinations) {
    store::QueuedRecipient recipient;
    recipient.address = destination.address;
    recipient.originalRecipient = "rfc822;" + destination.originalRecipient;
    recipient.destination = destination.isLocal()
                                ? std::string(store::QueuedRecipient::kLocal)
                                : ascii::toLower(destination.address.substr(destination.address.rfind('@') + 1));
    recipient.nextAt = now;
    if (!destination.tellSender) recipient.notify = store::notify::kNever;
    recipient.retryKey = destination.retryKey;
    recipient.retryAccount = destination.account.value_or(store::AccountId{});
    recipients.push_back(std::move(recipient));
  }
  return recipients;
}

}  // namespace

Task<bool> StoredQueue::enqueue(const Transaction& transaction, const std::vector<Destination>& destinations,
                                const Letter& letter) {
  const auto now = clock_();
  const store::QueuedMessage message = messageOf(transaction, now, lifetime_);
  const std::vector<store::QueuedRecipient> recipients = recipientsOf(destinations, now);
  std::string octets = letter.header;
  octets += letter.body;
  const std::size_t end = octets.find("\r\n\r\n");
  const auto headerSize = static_cast<std::uint32_t>(end == std::string::npos ? octets.size() : end + 4);
  const store::Content content(octets, headerSize, {}, {});
  try {
    co_await database_.transact(
        [&](db::Transaction& tx) { store::QueueRepository(tx).enqueue(message, recipients, content); },
        db::Repeat::harmless);
  } catch (const std::exception& error) {
    log_.error("queue.unavailable", "a mail could not be queued",
               {{"queue_id", store::toText(transaction.id)}, {"error", error.what()}});
    co_return false;
  }
  log_.info(
      "queue.enqueued", "queued",
      {{"queue_id", store::toText(transaction.id)}, {"recipients", recipients.size()}, {"size_b", octets.size()}});
  co_return true;
}

Task<std::optional<std::vector<RetryKey>>> StoredRetryKeys::forget(const std::vector<RetryKey>& keys) {
  std::vector<store::DeliveryKey> stored;
  stored.reserve(keys.size());
  for (const RetryKey& key : keys) stored.push_back({key.account, key.digest});
  std::vector<RetryKey> missing;
  try {
    const auto job = [&](db::Transaction& tx) { return store::DeliveryRepository(tx).deleteRetryKeys(stored); };
    for (const std::size_t number : co_await database_.transact(job, db::Repeat::harmless))
      missing.push_back(keys[number]);
  } catch (const std::exception& error) {
    log_.warn("smtp.retry_keys.kept", "retry keys could not be forgotten yet",
              {{"keys", keys.size()}, {"error", error.what()}});
    co_return std::nullopt;
  }
  co_return missing;
}

}  // namespace posthouse::smtpd
