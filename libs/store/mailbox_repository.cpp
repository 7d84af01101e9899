#include "store/mailbox_repository.h"

#include <algorithm>
#include <map>
#include <set>

#include "store/account_lock.h"
#include "store/mailbox_name.h"

namespace posthouse::store {
namespace {

constexpr std::string_view kFind = R"sql(
  SELECT b.mailbox_id, b.role, b.uidvalidity, b.uidnext, b.highestmodseq, b.n_msgs, b.n_unseen, b.n_deleted, b.bytes, b.first_recent, b.kw_mask,
         p.path, EXISTS (SELECT 1 FROM posthouse.subscription s WHERE s.account_id = $1 AND s.name = p.path),
         EXISTS (SELECT 1 FROM posthouse.mailbox c WHERE c.account_id = $1 AND c.parent_id = b.mailbox_id)
    FROM posthouse.mailbox b, posthouse.mailbox_path($1, b.mailbox_id) AS p (path)
   WHERE b.account_id = $1 AND b.mailbox_id = )sql";

Mailbox fromRow(const db::Row& row) {
  Mailbox mailbox;
  mailbox.id = row.get<MailboxId>(0);
  mailbox.role = roleNamed(row.view(1));
  mailbox.uidValidity = row.get<std::uint32_t>(2);
  mailbox.uidNext = row.get<Uid>(3);
  mailbox.highestModSeq = row.get<ModSeq>(4);
  mailbox.messages = row.get<std::uint32_t>(5);
  mailbox.unseen = row.get<std::uint32_t>(6);
  mailbox.deleted = row.get<std::uint32_t>(7);
  mailbox.bytes = row.get<std::uint64_t>(8);
  mailbox.firstRecent = row.get<Uid>(9);
  mailbox.keywords = row.get<std::uint64_t>(10);
  return mailbox;
}

std::optional<Mailbox> found(const db::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  Mailbox mailbox = fromRow(rows[0]);
  mailbox.name = rows[0].get<std::string>(11);
  mailbox.subscribed = rows[0].get<bool>(12);
  mailbox.hasChildren = rows[0].get<bool>(13);
  return mailbox;
}

}  // namespace

std::uint32_t Mailbox::recent() const noexcept {
  return std::min(messages, static_cast<std::uint32_t>(uidNext) - static_cast<std::uint32_t>(firstRecent));
}

std::vector<Mailbox> MailboxRepository::list() {
  const auto rows = transaction_.exec(R"sql(
    SELECT mailbox_id, role, uidvalidity, uidnext, highestmodseq, n_msgs, n_unseen, n_deleted, bytes, first_recent, kw_mask, parent_id, name
      FROM posthouse.mailbox WHERE account_id = $1)sql",
                                      account_);
  struct Place {
    MailboxId parent;
    std::string level;
  };
  std::map<MailboxId, Place> places;
  std::set<MailboxId> parents;
  for (const auto& row : rows) {
    const auto parent = row.get<MailboxId>(11);
    places.emplace(row.get<MailboxId>(0), Place{parent, row.get<std::string>(12)});
    parents.insert(parent);
  }
  const std::vector<std::string> names = subscriptions();
  const std::set<std::string> subscribed(names.begin(), names.end());

  std::vector<Mailbox> mailboxes;
  for (const auto& row : rows) {
    Mailbox mailbox = fromRow(row);
    for (auto place = places.find(mailbox.id); place != places.end(); place = places.find(place->second.parent)) {
      mailbox.name = mailbox.name.empty() ? place->second.level : place->second.level + kSeparator + mailbox.name;
    }
    mailbox.subscribed = subscribed.contains(mailbox.name);
    mailbox.hasChildren = parents.contains(mailbox.id);
    mailboxes.push_back(std::move(mailbox));
  }
  std::ranges::sort(mailboxes, [](const Mailbox& a, const Mailbox& b) {
    return std::pair(a.id != kInbox, std::string_view(a.name)) < std::pair(b.id != kInbox, std::string_view(b.name));
  });
  return mailboxes;
}

std::optional<Mailbox> MailboxRepository::find(std::string_view name) {
  const auto levels = mailboxLevels(name);
  if (!levels) return std::nullopt;
  return found(transaction_.exec(std::string(kFind) + "posthouse.mailbox_at($1, $2)", account_, *levels));
}

std::optional<Mailbox> MailboxRepository::find(MailboxId mailbox) {
  return found(transaction_.exec(std::string(kFind) + "$2", account_, mailbox));
}

std::expected<void, MailboxError> MailboxRepository::subscribe(std::string_view name) {
  const auto levels = mailboxLevels(name);
  if (!levels) return std::unexpected(MailboxError::badName);
  lockAccount(transaction_, account_);
  const auto rows = transaction_.exec1(
      "SELECT count(*) FILTER (WHERE name <> $2::text) FROM posthouse.subscription WHERE account_id = $1", account_,
      mailboxName(*levels));
  if (rows[0].get<std::size_t>(0) >= kMaxSubscriptions) return std::unexpected(MailboxError::tooManySubscriptions);
  transaction_.exec("INSERT INTO posthouse.subscription (account_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    account_, mailboxName(*levels));
  return {};
}

void MailboxRepository::unsubscribe(std::string_view name) {
  const auto levels = mailboxLevels(name);
  if (!levels) return;
  transaction_.exec("DELETE FROM posthouse.subscription WHERE account_id = $1 AND name = $2", account_,
                    mailboxName(*levels));
}

std::vector<std::string> MailboxRepository::subscriptions() {
  std::vector<std::string> names;
  for (const auto& row :
       transaction_.exec("SELECT name FROM posthouse.subscription WHERE account_id = $1 ORDER BY name", account_)) {
    names.push_back(row.get<std::string>(0));
  }
  return names;
}

std::optional<OpenedMailbox> MailboxRepository::open(std::string_view name) {
  const auto levels = mailboxLevels(name);
  if (!levels) return std::nullopt;
  const auto rows = transaction_.exec(R"sql(
    SELECT mailbox_id, uidvalidity, highestmodseq, first_recent, kw_mask, keyword_names FROM posthouse.open_mailbox($1, $2))sql",
                                      account_, *levels);
  if (rows.empty()) return std::nullopt;
  const auto row = rows[0];
  return OpenedMailbox{.id = row.get<MailboxId>(0),
                       .uidValidity = row.get<std::uint32_t>(1),
                       .highestModSeq = row.get<ModSeq>(2),
                       .firstRecent = row.get<Uid>(3),
                       .keywords = row.get<std::uint64_t>(4),
                       .dictionary = KeywordDictionary::fromNames(row.view(5))};
}

Uid MailboxRepository::takeRecent(MailboxId mailbox, Uid below) {
  return transaction_.exec1("SELECT posthouse.take_recent($1, $2, $3)", account_, mailbox, below)[0].get<Uid>(0);
}

std::optional<Uid> MailboxRepository::firstUnseen(MailboxId mailbox) {
  const auto rows = transaction_.exec(
      "SELECT uid FROM posthouse.msg WHERE account_id = $1 AND mailbox_id = $2 AND flags & 1 = 0 ORDER BY uid LIMIT 1",
      account_, mailbox);
  return rows.empty() ? std::nullopt : std::optional(rows[0].get<Uid>(0));
}

}  // namespace posthouse::store
