#include "store/message_repository.h"

#include "store/account_lock.h"
#include "store/delivery_repository.h"

namespace posthouse::store {
namespace {

constexpr std::uint32_t kEveryBit = 0x7FFFFFFF;
constexpr std::uint64_t kEveryKeyword = 0x7FFFFFFFFFFFFFFF;

std::expected<Copied, Refusal> copyMessages(db::Transaction& transaction, AccountId account, MailboxId from,
                                            const UidSet& uids, MailboxId to, bool withoutQuota) {
  const auto rows = transaction.exec(
      "SELECT status, source_uid, target_uid, modseq, uidvalidity FROM posthouse.copy_messages($1, $2, $3, "
      "$4::text::int8multirange, $5)",
      account, from, to, uids.toMultirange(), withoutQuota);
  Copied copied;
  for (const auto& row : rows) {
    const auto status = row.get<DeliveryStatus>(0);
    if (status == DeliveryStatus::overQuota) return std::unexpected(Refusal::overQuota);
    if (status == DeliveryStatus::noSuchMailbox) return std::unexpected(Refusal::noSuchMailbox);
    copied.messages.emplace_back(row.get<Uid>(1), row.get<Uid>(2));
    copied.modSeq = row.get<ModSeq>(3);
    copied.uidValidity = row.get<std::uint32_t>(4);
  }
  if (copied.messages.empty()) return copied;
  const auto saved =
      transaction.exec1("SELECT save_date FROM posthouse.msg WHERE account_id = $1 AND mailbox_id = $2 AND uid = $3",
                        account, to, copied.messages.front().second);
  copied.savedAt = saved[0].get<TimePoint>(0);
  return copied;
}

}  // namespace

std::expected<Appended, Refusal> MessageRepository::append(MailboxId mailbox, const Content& content, Flags flags,
                                                           std::optional<TimePoint> internalDate,
                                                           std::string_view prefix) {
  const Delivery delivery{.account = account_,
                          .mailbox = mailbox,
                          .prefix = std::string(prefix),
                          .flags = flags,
                          .internalDate = internalDate};
  const Delivered delivered =
      DeliveryRepository(transaction_).deliver(content, {&delivery, 1}, DeliveryRepository::WhenBusy::wait).front();
  if (delivered.status == DeliveryStatus::overQuota) return std::unexpected(Refusal::overQuota);
  if (delivered.status != DeliveryStatus::stored) return std::unexpected(Refusal::noSuchMailbox);
  const auto validity =
      transaction_
          .exec1("SELECT uidvalidity FROM posthouse.mailbox WHERE account_id = $1 AND mailbox_id = $2", account_,
                 mailbox)[0]
          .get<std::uint32_t>(0);
  return Appended{.uid = delivered.uid, .uidValidity = validity, .modSeq = delivered.modSeq, .email = delivered.email};
}

FlagsStored MessageRepository::storeFlags(MailboxId mailbox, const UidSet& uids, FlagChange change, Flags flags,
                                          std::optional<ModSeq> unchangedSince) {
  const Flags set = change == FlagChange::remove ? Flags() : flags;
  const Flags clear = change == FlagChange::add      ? Flags()
                      : change == FlagChange::remove ? flags
                                                     : Flags(kEveryBit, kEveryKeyword);
  const auto row = transaction_.exec1(
      "SELECT modseq, changed, refused FROM posthouse.store_flags($1, $2, $3::text::int8multirange, $4, $5, $6, $7, "
      "$8)",
      account_, mailbox, uids.toMultirange(), set.bits, clear.bits, set.keywords, clear.keywords, unchangedSince);
  return {.modSeq = row[0].get<ModSeq>(0),
          .changed = UidSet::fromMultirange(row[0].view(1)),
          .refused = UidSet::fromMultirange(row[0].view(2))};
}

std::expected<Copied, Refusal> MessageRepository::copy(MailboxId from, const UidSet& uids, MailboxId to) {
  return copyMessages(transaction_, account_, from, uids, to, /*withoutQuota=*/false);
}

UidSet MessageRepository::made(MailboxId mailbox, const Copied& copied) {
  UidSet targets;
  for (const auto& [source, target] : copied.messages) targets.add(target);
  lockAccount(transaction_, account_);
  const auto rows = transaction_.exec(R"sql(
    SELECT x.uid FROM unnest($3::text::int8multirange) r,
      LATERAL (SELECT y.uid, y.save_date FROM posthouse.msg y
                WHERE y.account_id = $1 AND y.mailbox_id = $2 AND y.uid >= lower(r) AND y.uid < upper(r) ORDER BY y.uid OFFSET 0) x
     WHERE x.save_date = $4 ORDER BY x.uid)sql",
                                      account_, mailbox, targets.toMultirange(), copied.savedAt);
  UidSet found;
  for (const auto& row : rows) found.add(row.get<Uid>(0));
  return found;
}

std::expected<Copied, Refusal> MessageRepository::move(MailboxId from, const UidSet& uids, MailboxId to) {
  auto copied = copyMessages(transaction_, account_, from, uids, to, /*withoutQuota=*/true);
  if (!copied || copied->messages.empty()) return copied;
  UidSet gone;
  for (const auto& [source, target] : copied->messages) gone.add(source);
  copied->modSeq = expunge(from, gone, Which::all).modSeq;
  return copied;
}

Expunged MessageRepository::expunge(MailboxId mailbox, const UidSet& uids, Which which) {
  const auto row =
      transaction_.exec1("SELECT modseq, vanished FROM posthouse.expunge($1, $2, $3::text::int8multirange, $4)",
                         account_, mailbox, uids.toMultirange(), which == Which::deleted);
  return {.modSeq = row[0].get<ModSeq>(0), .uids = UidSet::fromMultirange(row[0].view(1))};
}

}  // namespace posthouse::store
