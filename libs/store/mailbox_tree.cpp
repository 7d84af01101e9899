// Making, renaming and removing mailboxes, RFC 3501 §6.3.3 to §6.3.5.
#include "store/account_lock.h"
#include "store/mailbox_name.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"

namespace posthouse::store {
namespace {

using Levels = std::vector<std::string>;

std::optional<MailboxId> idOf(db::Transaction& transaction, AccountId account, const Levels& levels) {
  if (levels.empty()) return MailboxId{0};
  return transaction.exec1("SELECT posthouse.mailbox_at($1, $2)", account, levels)[0].get<std::optional<MailboxId>>(0);
}

/// A mailbox below `parent`. Its UIDVALIDITY is greater than any that the account ever gave, so that no name sees one
/// twice. The account is locked.
MailboxId insert(db::Transaction& transaction, AccountId account, MailboxId parent, const std::string& level,
                 Role role) {
  const auto row = transaction.exec1(R"sql(
    WITH s AS (
      UPDATE posthouse.account_state SET modseq = modseq + 1, next_mailbox = next_mailbox + 1,
             last_uidvalidity = greatest(last_uidvalidity + 1, extract(epoch FROM clock_timestamp())::bigint)
       WHERE account_id = $1 RETURNING modseq, next_mailbox - 1 AS mailbox_id, last_uidvalidity)
    INSERT INTO posthouse.mailbox (account_id, mailbox_id, parent_id, uidvalidity, highestmodseq, created_modseq, meta_modseq, role, name)
    SELECT $1, s.mailbox_id, $2, s.last_uidvalidity, s.modseq, s.modseq, s.modseq, nullif($3::text, ''), $4::text FROM s RETURNING mailbox_id)sql",
                                     account, parent, toText(role), level);
  return row[0].get<MailboxId>(0);
}

/// The mailbox that `levels` lead to, made with those above it where they are not there.
MailboxId ensure(db::Transaction& transaction, AccountId account, const Levels& levels) {
  MailboxId here{0};
  for (std::size_t depth = 1; depth <= levels.size(); ++depth) {
    const auto next =
        idOf(transaction, account, Levels(levels.begin(), levels.begin() + static_cast<std::ptrdiff_t>(depth)));
    here = next ? *next : insert(transaction, account, here, levels[depth - 1], Role::none);
  }
  return here;
}

Levels parentOf(Levels levels) {
  levels.pop_back();
  return levels;
}

bool isInbox(const Levels& levels) {
  return levels.size() == 1 && levels.front() == "INBOX";
}

}  // namespace

std::expected<Mailbox, MailboxError> MailboxRepository::create(std::string_view name, Role role) {
  const auto levels = mailboxLevels(name);
  if (!levels) return std::unexpected(MailboxError::badName);
  lockAccount(transaction_, account_);
  if (idOf(transaction_, account_, *levels)) return std::unexpected(MailboxError::exists);
  if (!hasRoomFor(missing(*levels))) return std::unexpected(MailboxError::tooManyMailboxes);

  const MailboxId parent = ensure(transaction_, account_, parentOf(*levels));
  return *find(insert(transaction_, account_, parent, levels->back(), role));
}

/// How many levels of a name are not there.
std::size_t MailboxRepository::missing(std::vector<std::string> levels) {
  const std::size_t all = levels.size();
  while (!levels.empty() && !idOf(transaction_, account_, levels)) levels.pop_back();
  return all - levels.size();
}

bool MailboxRepository::hasRoomFor(std::size_t more) {
  const auto rows = transaction_.exec1("SELECT count(*) FROM posthouse.mailbox WHERE account_id = $1", account_);
  return rows[0].get<std::size_t>(0) + more <= kMaxMailboxes;
}

std::expected<MailboxStep, MailboxError> MailboxRepository::rename(std::string_view from, std::string_view to,
                                                                   const std::optional<MailboxStep>& before) {
  const auto source = mailboxLevels(from);
  const auto target = mailboxLevels(to);
  if (!source) return std::unexpected(MailboxError::noSuchMailbox);
  if (!target) return std::unexpected(MailboxError::badName);
  lockAccount(transaction_, account_);
  if (isInbox(*source)) return renameInbox(*target, before);
  const auto mailbox = idOf(transaction_, account_, *source);
  if (!mailbox) return std::unexpected(MailboxError::noSuchMailbox);
  if (idOf(transaction_, account_, *target)) return std::unexpected(MailboxError::exists);
  if (!hasRoomFor(missing(*target) - 1))
    return std::unexpected(MailboxError::tooManyMailboxes);  // its parents are made
  if (mailboxName(*target).starts_with(mailboxName(*source) + kSeparator))
    return std::unexpected(MailboxError::badName);

  const MailboxId parent = ensure(transaction_, account_, parentOf(*target));
  transaction_.exec(R"sql(
    WITH s AS (UPDATE posthouse.account_state SET modseq = modseq + 1 WHERE account_id = $1 RETURNING modseq)
    UPDATE posthouse.mailbox b SET parent_id = $3, name = $4::text, meta_modseq = s.modseq FROM s
     WHERE b.account_id = $1 AND b.mailbox_id = $2)sql",
                    account_, *mailbox, parent, target->back());
  transaction_.exec(R"sql(
    WITH old AS (
      DELETE FROM posthouse.subscription WHERE account_id = $1 AND (name = $2::text OR starts_with(name, $2 || '/')) RETURNING name)
    INSERT INTO posthouse.subscription (account_id, name) SELECT $1, $3::text || substr(old.name, length($2) + 1) FROM old
    ON CONFLICT DO NOTHING)sql",
                    account_, mailboxName(*source), mailboxName(*target));
  return MailboxStep{.mailbox = *mailbox, .modSeq = modSeq()};
}

/// INBOX is seen empty, or has nothing left but what came after the first step: deliveries must not keep this up for
/// ever.
std::expected<MailboxStep, MailboxError> MailboxRepository::renameInbox(const std::vector<std::string>& target,
                                                                        const std::optional<MailboxStep>& before) {
  const auto inbox = find(kInbox);
  if (!inbox) return std::unexpected(MailboxError::noSuchMailbox);
  auto taker = idOf(transaction_, account_, target);
  if (before && taker != before->mailbox) return std::unexpected(MailboxError::noSuchMailbox);
  const bool isMarked = taker && takesInbox(*taker);
  if (taker && !before && !isMarked) return std::unexpected(MailboxError::exists);
  if (!taker) {
    if (!hasRoomFor(missing(target))) return std::unexpected(MailboxError::tooManyMailboxes);
    taker = ensure(transaction_, account_, target);
  }
  const auto uids = firstSlice(kInbox);
  if (!uids.empty() && !MessageRepository(transaction_, account_).move(kInbox, UidSet(uids), *taker))
    return std::unexpected(MailboxError::noSuchMailbox);

  const Uid end = before ? before->inboxEnd : inbox->uidNext;
  const bool isLast =
      uids.size() < kSlice || static_cast<std::uint32_t>(uids.back()) + 1 >= static_cast<std::uint32_t>(end);
  if (isMarked == isLast) {
    transaction_.exec("UPDATE posthouse.mailbox SET takes_inbox = $3 WHERE account_id = $1 AND mailbox_id = $2",
                      account_, *taker, !isLast);
  }
  return MailboxStep{.mailbox = *taker, .modSeq = modSeq(), .messages = uids.size(), .isLast = isLast, .inboxEnd = end};
}

std::expected<MailboxStep, MailboxError> MailboxRepository::remove(std::string_view name,
                                                                   const std::optional<MailboxStep>& before) {
  const auto levels = mailboxLevels(name);
  if (!levels) return std::unexpected(MailboxError::noSuchMailbox);
  if (isInbox(*levels)) return std::unexpected(MailboxError::inboxStays);
  lockAccount(transaction_, account_);
  const auto mailbox = find(name);
  // Its name may have gone to another since the last step.
  if (!mailbox || (before && mailbox->id != before->mailbox)) return std::unexpected(MailboxError::noSuchMailbox);
  if (mailbox->hasChildren) return std::unexpected(MailboxError::hasChildren);
  const auto uids = firstSlice(mailbox->id);
  MessageRepository(transaction_, account_).expunge(mailbox->id, UidSet(uids), MessageRepository::Which::all);
  const bool isLast = uids.size() < kSlice;
  if (isLast) {
    transaction_.exec("DELETE FROM posthouse.mailbox WHERE account_id = $1 AND mailbox_id = $2", account_, mailbox->id);
    transaction_.exec("DELETE FROM posthouse.mailbox_view WHERE account_id = $1 AND mailbox_id = $2", account_,
                      mailbox->id);
    transaction_.exec("UPDATE posthouse.account_state SET modseq = modseq + 1 WHERE account_id = $1", account_);
  }
  return MailboxStep{.mailbox = mailbox->id, .modSeq = modSeq(), .messages = uids.size(), .isLast = isLast};
}

bool MailboxRepository::takesInbox(MailboxId mailbox) {
  return transaction_
      .exec1("SELECT takes_inbox FROM posthouse.mailbox WHERE account_id = $1 AND mailbox_id = $2", account_,
             mailbox)[0]
      .get<bool>(0);
}

std::vector<Uid> MailboxRepository::firstSlice(MailboxId mailbox) {
  const auto rows =
      transaction_.exec("SELECT uid FROM posthouse.msg WHERE account_id = $1 AND mailbox_id = $2 ORDER BY uid LIMIT $3",
                        account_, mailbox, kSlice);
  std::vector<Uid> uids;
  uids.reserve(kSlice);
  for (const auto& row : rows) uids.push_back(row.get<Uid>(0));
  return uids;
}

ModSeq MailboxRepository::modSeq() {
  return transaction_.exec1("SELECT modseq FROM posthouse.account_state WHERE account_id = $1", account_)[0]
      .get<ModSeq>(0);
}

}  // namespace posthouse::store
