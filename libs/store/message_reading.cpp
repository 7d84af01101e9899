// The half of MessageRepository that only reads.
#include <algorithm>
#include <set>
#include <utility>

#include "store/blob_store.h"
#include "store/message_repository.h"

namespace posthouse::store {
namespace {

/// Rows a statement: a mailbox of a million messages must not stand in memory twice.
constexpr int kPage = 20'000;

MessageState stateOf(const db::Row& row) {
  return {.uid = row.get<Uid>(0),
          .flags = row.get<std::uint32_t>(1),
          .modSeq = row.get<ModSeq>(2),
          .keywords = row.get<std::uint64_t>(3)};
}

}  // namespace

std::optional<MailboxCounters> MessageRepository::counters(MailboxId mailbox) {
  const auto rows = transaction_.exec(
      "SELECT highestmodseq, uidnext, n_msgs FROM posthouse.mailbox WHERE account_id = $1 AND mailbox_id = $2",
      account_, mailbox);
  if (rows.empty()) return std::nullopt;
  return MailboxCounters{
      .highestModSeq = rows[0].get<ModSeq>(0), .uidNext = rows[0].get<Uid>(1), .messages = rows[0].get<std::size_t>(2)};
}

std::optional<MailboxView> MessageRepository::view(MailboxId mailbox) {
  const auto found = counters(mailbox);
  if (!found) return std::nullopt;
  return view(mailbox, *found);
}

MailboxView MessageRepository::view(MailboxId mailbox, const MailboxCounters& counters) {
  MailboxView view{.highestModSeq = counters.highestModSeq, .uidNext = counters.uidNext, .messages = {}};
  view.messages.reserve(counters.messages);
  Uid last{0};
  for (;;) {
    const auto rows = transaction_.exec(
        "SELECT uid, flags, modseq, keywords FROM posthouse.msg WHERE account_id = $1 AND mailbox_id = $2 AND uid > $3 "
        "ORDER BY uid LIMIT $4",
        account_, mailbox, last, kPage);
    for (const auto& row : rows) view.messages.push_back(stateOf(row));
    if (rows.size() < kPage) return view;
    last = view.messages.back().uid;
  }
}

std::optional<Changes> MessageRepository::changesSince(MailboxId mailbox, ModSeq since) {
  const auto rows =
      transaction_.exec("SELECT uid, flags, modseq, keywords, vanished FROM posthouse.mailbox_changes($1, $2, $3)",
                        account_, mailbox, since);
  if (rows.empty()) return std::nullopt;
  const auto head = rows[0];
  Changes changes;
  changes.complete = head.get<int>(1) != 0;
  if (!changes.complete) return changes;
  changes.uidNext = head.get<Uid>(0);
  changes.highestModSeq = head.get<ModSeq>(2);
  if (const auto vanished = head.get<std::optional<std::string>>(4))
    changes.vanished = UidSet::fromMultirange(*vanished);
  for (int i = 1; i < rows.size(); ++i) changes.changed.push_back(stateOf(rows[i]));
  std::ranges::sort(changes.changed, {}, &MessageState::uid);
  return changes;
}

std::vector<Summary> MessageRepository::summaries(MailboxId mailbox, const UidSet& uids) {
  // LATERAL with OFFSET 0 keeps to probes of the primary keys, whatever the statistics say.
  const auto rows = transaction_.exec(R"sql(
    SELECT m.uid, m.email_id, m.size, e.hdr_size, m.internal_date, e.sent_at, e.blob_id, e.prefix, e.envelope, e.bodystructure
      FROM unnest($3::text::int8multirange) AS r,
      LATERAL (SELECT x.uid, x.email_id, x.size, x.internal_date FROM posthouse.msg x
                WHERE x.account_id = $1 AND x.mailbox_id = $2 AND x.uid >= lower(r) AND x.uid < upper(r) ORDER BY x.uid OFFSET 0) m,
      LATERAL (SELECT * FROM posthouse.email y WHERE y.account_id = $1 AND y.email_id = m.email_id OFFSET 0) e
     ORDER BY m.uid)sql",
                                      account_, mailbox, uids.toMultirange());
  std::vector<Summary> summaries;
  summaries.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows) {
    summaries.push_back({.uid = row.get<Uid>(0),
                         .email = row.get<EmailId>(1),
                         .size = row.get<std::uint32_t>(2),
                         .headerSize = row.get<std::uint32_t>(3),
                         .internalDate = row.get<TimePoint>(4),
                         .sentAt = row.get<std::optional<TimePoint>>(5),
                         .blob = BlobId::from(row.view(6)),
                         .prefix = row.get<std::string>(7),
                         .envelope = row.get<std::string>(8),
                         .bodyStructure = row.get<std::string>(9)});
  }
  return summaries;
}

std::vector<MessageSize> MessageRepository::sizes(MailboxId mailbox) {
  std::vector<MessageSize> sizes;
  const auto rows = transaction_.exec(
      "SELECT uid, size FROM posthouse.msg WHERE account_id = $1 AND mailbox_id = $2 ORDER BY uid", account_, mailbox);
  for (const auto& row : rows) sizes.push_back({row.get<Uid>(0), row.get<std::uint32_t>(1)});
  return sizes;
}

std::optional<std::string> MessageRepository::read(MailboxId mailbox, Uid uid) {
  return read(mailbox, uid, 0, ~std::uint64_t{0});
}

std::optional<std::string> MessageRepository::read(MailboxId mailbox, Uid uid, std::uint64_t offset,
                                                   std::uint64_t length) {
  const auto rows = transaction_.exec(R"sql(
    SELECT e.blob_id, e.prefix FROM posthouse.msg m JOIN posthouse.email e ON e.account_id = $1 AND e.email_id = m.email_id
     WHERE m.account_id = $1 AND m.mailbox_id = $2 AND m.uid = $3)sql",
                                      account_, mailbox, uid);
  if (rows.empty()) return std::nullopt;
  const std::string_view prefix = rows[0].view(1);
  std::string octets(prefix.substr(std::min<std::uint64_t>(offset, prefix.size()), length));
  length -= octets.size();
  if (length == 0) return octets;
  const auto body =
      BlobStore(transaction_)
          .read(BlobId::from(rows[0].view(0)), std::max<std::uint64_t>(offset, prefix.size()) - prefix.size(), length);
  if (!body) throw std::runtime_error("a message lacks its body");
  return octets += *body;
}

std::vector<std::optional<std::string>> MessageRepository::readAll(const std::vector<const Summary*>& summaries) {
  BlobStore blobs(transaction_);
  std::set<BlobId> wanted;
  for (const Summary* summary : summaries) wanted.insert(summary->blob);
  const auto small = blobs.readSmall({wanted.begin(), wanted.end()});
  std::vector<std::optional<std::string>> messages;
  messages.reserve(summaries.size());
  for (const Summary* summary : summaries) {
    const auto found = small.find(summary->blob);
    const auto body = found == small.end() ? blobs.read(summary->blob) : std::optional(found->second);
    messages.push_back(body ? std::optional(summary->prefix + *body) : std::nullopt);
  }
  return messages;
}

std::vector<MessageReference> MessageRepository::references(MailboxId mailbox, const UidSet& uids) {
  // First the messages, with their emails; then the emails: those of messages that came one after the other by a range,
  // which is half as dear as a probe for each.
  const auto rows = transaction_.execPrepared(R"sql(
    WITH m AS MATERIALIZED (
      SELECT x.uid, x.email_id FROM unnest($3::text::int8multirange) AS r,
        LATERAL (SELECT y.uid, y.email_id FROM posthouse.msg y
                  WHERE y.account_id = $1 AND y.mailbox_id = $2 AND y.uid >= lower(r) AND y.uid < upper(r) ORDER BY y.uid OFFSET 0) x),
    span AS MATERIALIZED (
      SELECT min(email_id) AS first, max(email_id) AS last, max(email_id) - min(email_id) < 2 * count(*) AS is_dense FROM m)
    SELECT uid, email_id, NULL FROM m
    UNION ALL
    SELECT NULL, e.email_id, e.blob_id || e.prefix FROM span s,
      LATERAL (SELECT y.email_id, y.blob_id, y.prefix FROM posthouse.email y
                WHERE y.account_id = $1 AND y.email_id BETWEEN s.first AND s.last OFFSET 0) e
     WHERE s.is_dense
    UNION ALL
    SELECT NULL, m.email_id, (SELECT y.blob_id || y.prefix FROM posthouse.email y WHERE y.account_id = $1 AND y.email_id = m.email_id)
      FROM span s, m WHERE NOT s.is_dense)sql",
                                              account_, mailbox, uids.toMultirange());
  std::vector<std::pair<Uid, EmailId>> messages;
  std::vector<std::pair<EmailId, std::string_view>> emails;  // blob and prefix of each
  for (const auto& row : rows) {
    if (!row.isNull(0)) {
      messages.emplace_back(row.get<Uid>(0), row.get<EmailId>(1));
    } else if (!row.isNull(2)) {
      emails.emplace_back(row.get<EmailId>(1), row.view(2));
    }
  }
  std::ranges::sort(messages);
  std::ranges::sort(emails);
  std::vector<MessageReference> references;
  references.reserve(messages.size());
  for (const auto& [uid, id] : messages) {
    const auto email = std::ranges::lower_bound(emails, id, {}, [](const auto& one) { return one.first; });
    if (email == emails.end() || email->first != id) continue;  // there is no such email
    const std::string_view blob = email->second.substr(0, sizeof(BlobId::digest));
    references.push_back({uid, std::string(email->second.substr(blob.size())), BlobId::from(blob)});
  }
  return references;
}

}  // namespace posthouse::store
