#include "store/consignment.h"

#include "store/blob_store.h"

namespace posthouse::store {
namespace {

constexpr std::string_view kDeliver = R"sql(
  SELECT status, uid, modseq, email_id FROM posthouse.deliver_batch(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19))sql";

Delivered repeatOf(const Delivered& first) {
  if (first.status != DeliveryStatus::stored) return first;
  return {.status = DeliveryStatus::repeated, .uid = first.uid};
}

}  // namespace

std::string storedQueueKey(const Parcel& parcel) {
  constexpr std::size_t kOfBody = 16;
  if (parcel.delivery->queueKey.empty()) return {};
  std::string key = parcel.delivery->queueKey;
  key += '\n';
  key += parcel.content->encoded().id.view().substr(0, kOfBody);
  return key;
}

Consignment::Consignment(std::span<const Parcel> parcels) {
  places_.reserve(parcels.size());
  for (const Parcel& parcel : parcels) {
    const Delivery& delivery = *parcel.delivery;
    Sent sent{parcel, storedQueueKey(parcel)};
    if (const auto twin = earlierTwin(sent)) {
      places_.push_back({true, *twin});
      continue;
    }
    const std::size_t number = sent_.size();
    if (!sent.queueKey.empty()) keys_.emplace(Key{delivery.account, sent.queueKey}, number);
    if (!delivery.retryKey.empty()) keys_.emplace(Key{delivery.account, delivery.retryKey}, number);
    bodies_.try_emplace(parcel.content->encoded().id, parcel.content, 0);
    boxes_.try_emplace(Box{delivery.account, delivery.mailbox}, 0);
    places_.push_back({false, number});
    sent_.push_back(std::move(sent));
  }
  int number = 0;
  for (auto& [id, body] : bodies_) body.second = ++number;
  number = 0;
  for (auto& [box, itsNumber] : boxes_) itsNumber = ++number;
}

std::optional<std::size_t> Consignment::earlierTwin(const Sent& sent) const {
  const Delivery& delivery = *sent.parcel.delivery;
  for (const std::string& key : {std::cref(sent.queueKey), std::cref(delivery.retryKey)}) {
    if (key.empty()) continue;
    const auto found = keys_.find({delivery.account, key});
    if (found != keys_.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<Delivered> Consignment::send(db::Transaction& transaction, bool wait) const {
  std::vector<db::Octets> blobIds;
  std::vector<std::uint64_t> sizes;
  std::vector<std::uint32_t> headerSizes;
  std::vector<Encoding> encodings;
  std::vector<std::optional<db::Octets>> contents;
  std::vector<db::Octets> envelopes;
  std::vector<db::Octets> structures;
  std::vector<std::optional<std::chrono::system_clock::time_point>> sentAt;
  for (const auto& [id, body] : bodies_) {
    const Content& content = *body.first;
    const EncodedBlob& blob = content.encoded();
    if (blob.isChunked()) BlobStore(transaction).put(blob);
    blobIds.push_back({id.view()});
    sizes.push_back(blob.size);
    headerSizes.push_back(content.headerSize());
    encodings.push_back(blob.encoding);
    contents.push_back(blob.isChunked() ? std::nullopt : std::optional(db::Octets{blob.piece(0)}));
    envelopes.push_back({content.envelope()});
    structures.push_back({content.bodyStructure()});
    sentAt.push_back(content.sentAt());
  }
  std::vector<AccountId> boxAccounts;
  std::vector<MailboxId> boxMailboxes;
  for (const auto& [box, number] : boxes_) {
    boxAccounts.push_back(box.first);
    boxMailboxes.push_back(box.second);
  }
  std::vector<int> bodies;
  std::vector<int> boxes;
  std::vector<db::Octets> prefixes;
  std::vector<std::uint32_t> flags;
  std::vector<std::uint64_t> keywords;
  std::vector<std::optional<std::chrono::system_clock::time_point>> dates;
  std::vector<db::Octets> queueKeys;
  std::vector<db::Octets> retryKeys;
  for (const auto& [parcel, queueKey] : sent_) {
    const auto& [content, delivery] = parcel;
    bodies.push_back(bodies_.at(content->encoded().id).second);
    boxes.push_back(boxes_.at({delivery->account, delivery->mailbox}));
    prefixes.push_back({delivery->prefix});
    flags.push_back(delivery->flags.bits);
    keywords.push_back(delivery->flags.keywords);
    dates.push_back(delivery->internalDate);
    queueKeys.push_back({queueKey});
    retryKeys.push_back({delivery->retryKey});
  }

  const auto rows = transaction.execPrepared(kDeliver, blobIds, sizes, headerSizes, encodings, contents, envelopes,
                                             structures, sentAt, boxAccounts, boxMailboxes, bodies, boxes, prefixes,
                                             flags, keywords, dates, queueKeys, retryKeys, wait);
  std::vector<Delivered> answers;
  for (const auto& row : rows) {
    answers.push_back({.status = row.get<DeliveryStatus>(0),
                       .uid = row.get<std::optional<Uid>>(1).value_or(Uid{}),
                       .modSeq = row.get<std::optional<ModSeq>>(2).value_or(ModSeq{}),
                       .email = row.get<std::optional<EmailId>>(3).value_or(EmailId{})});
  }
  std::vector<Delivered> delivered;
  for (const Place& place : places_)
    delivered.push_back(place.isTwin ? repeatOf(answers.at(place.answer)) : answers.at(place.answer));
  return delivered;
}

}  // namespace posthouse::store
