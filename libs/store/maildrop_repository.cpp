#include "store/maildrop_repository.h"

#include <optional>
#include <utility>

#include "db/array.h"
#include "store/mailbox_name.h"

namespace posthouse::store {
namespace {

/// As take_maildrop says it (migrations/035_take_maildrop.sql).
enum class Status : std::int16_t { held = 0, inUse = 1, tooSoon = 2 };

MaildropRefusal refusalOf(const db::Row& row, Status status) {
  using Reason = MaildropRefusal::Reason;
  return {.reason = status == Status::inUse ? Reason::inUse : Reason::tooSoon,
          .since = row.get<TimePoint>(7),
          .session = row.get<std::string>(9),
          .instance = row.get<std::string>(8),
          .left = std::chrono::milliseconds(row.get<std::optional<std::int64_t>>(10).value_or(0))};
}

}  // namespace

std::expected<OpenedMaildrop, MaildropRefusal> MaildropRepository::open(std::string_view mailbox,
                                                                        const MaildropHolder& holder,
                                                                        std::chrono::milliseconds lease,
                                                                        std::chrono::milliseconds loginDelay) {
  const MaildropRefusal missing{.reason = MaildropRefusal::Reason::noSuchMailbox};
  const auto levels = mailboxLevels(mailbox);
  if (!levels) return std::unexpected(missing);
  constexpr std::string_view kTake =
      "SELECT status, mailbox_id, uidvalidity, uids, sizes, known_uids, unique_ids, since, instance, session_id, "
      "remaining FROM posthouse.take_maildrop($1, $2::text[], $3, $4, $5, $6, $7, $8)";
  const auto rows = transaction_.execPrepared(kTake, account_, *levels, holder.id, holder.instance, holder.session,
                                              holder.process, lease.count(), loginDelay.count());
  if (rows.empty()) return std::unexpected(missing);
  const db::Row row = rows[0];
  const auto status = row.get<Status>(0);
  if (status != Status::held) return std::unexpected(refusalOf(row, status));
  OpenedMaildrop opened{.mailbox = row.get<MailboxId>(1), .uidValidity = row.get<std::uint32_t>(2)};
  const auto uids = db::readArray<Uid>(row.view(3)), knownUids = db::readArray<Uid>(row.view(5));
  const auto sizes = db::readArray<std::uint32_t>(row.view(4));
  auto uniqueIds = db::readArray<std::string>(row.view(6));
  opened.messages.reserve(uids.size());
  for (std::size_t i = 0; i < uids.size(); ++i) opened.messages.push_back({uids[i], sizes[i]});
  opened.uniqueIds.reserve(knownUids.size());
  for (std::size_t i = 0; i < knownUids.size(); ++i)
    opened.uniqueIds.push_back({knownUids[i], std::move(uniqueIds[i])});
  return opened;
}

bool MaildropRepository::hold(const MaildropHolder& holder, std::chrono::milliseconds lease) {
  constexpr std::string_view kHold = R"sql(
    INSERT INTO posthouse.pop3_session AS s (account_id, holder, until, since, instance, session_id, process)
    VALUES ($1, $2, clock_timestamp() + $6 * interval '1 ms', clock_timestamp(), $3, $4, $5)
    ON CONFLICT (account_id) DO UPDATE SET
      holder = excluded.holder, until = excluded.until, instance = excluded.instance, session_id = excluded.session_id,
      process = excluded.process
     WHERE s.holder = excluded.holder OR s.until <= clock_timestamp())sql";
  return transaction_
             .execPrepared(kHold, account_, holder.id, holder.instance, holder.session, holder.process, lease.count())
             .affected() == 1;
}

void MaildropRepository::release(db::Transaction& transaction, const std::vector<MaildropHolder>& holders) {
  std::vector<AccountId> accounts;
  std::vector<std::string> ids;
  for (const MaildropHolder& holder : holders) {
    accounts.push_back(holder.account);
    ids.push_back(holder.id);
  }
  constexpr std::string_view kRelease = R"sql(
    UPDATE posthouse.pop3_session SET holder = '', until = '-infinity'
     WHERE account_id = ANY ($1::bigint[]) AND holder = ANY ($2::text[]))sql";
  transaction.execPrepared(kRelease, accounts, ids);
}

void MaildropRepository::renew(db::Transaction& transaction, const std::vector<MaildropHolder>& holders,
                               std::chrono::milliseconds lease) {
  std::vector<AccountId> accounts;
  std::vector<std::string> ids, sessions, instances, processes;
  for (const MaildropHolder& holder : holders) {
    accounts.push_back(holder.account);
    ids.push_back(holder.id);
    sessions.push_back(holder.session);
    instances.push_back(holder.instance);
    processes.push_back(holder.process);
  }
  // Who has lost his row in a crash of the database gets it again, if nobody has it just now and the account has not
  // been removed; who has let it go does not, and the row says so: this may come later than his release.
  constexpr std::string_view kRenew = R"sql(
    WITH mine AS MATERIALIZED (
      SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) AS m (account_id, holder, session_id, instance, process)),
    held AS MATERIALIZED (
      SELECT s.account_id FROM mine m,
        LATERAL (SELECT x.account_id FROM posthouse.pop3_session x WHERE x.account_id = m.account_id AND x.holder = m.holder
                  FOR NO KEY UPDATE SKIP LOCKED) s),
    renewed AS (
      UPDATE posthouse.pop3_session s SET until = clock_timestamp() + $6 * interval '1 ms'
       WHERE s.account_id = ANY (ARRAY(SELECT account_id FROM held)))
    INSERT INTO posthouse.pop3_session AS s (account_id, holder, until, since, instance, session_id, process)
    SELECT m.account_id, m.holder, clock_timestamp() + $6 * interval '1 ms', clock_timestamp(), m.instance, m.session_id, m.process
      FROM mine m WHERE EXISTS (SELECT FROM posthouse.mailbox b WHERE b.account_id = m.account_id OFFSET 0) AND NOT EXISTS (
        SELECT FROM posthouse.pop3_session s
         WHERE s.account_id = m.account_id AND (s.until > clock_timestamp() OR s.session_id = m.session_id) OFFSET 0)
    ON CONFLICT (account_id) DO UPDATE SET
      holder = excluded.holder, until = excluded.until, instance = excluded.instance, session_id = excluded.session_id,
      process = excluded.process
     WHERE s.until <= clock_timestamp() AND s.session_id <> excluded.session_id)sql";
  transaction.execPrepared(kRenew, accounts, ids, sessions, instances, processes, lease.count());
}

std::vector<std::string> MaildropRepository::processes(db::Transaction& transaction) {
  std::vector<std::string> processes;
  for (const auto& row : transaction.exec(
           "SELECT DISTINCT process FROM posthouse.pop3_session WHERE holder <> '' AND until > clock_timestamp()"))
    processes.push_back(row.get<std::string>(0));
  return processes;
}

void MaildropRepository::releaseOf(db::Transaction& transaction, const std::vector<std::string>& processes) {
  transaction.exec(
      "UPDATE posthouse.pop3_session SET holder = '', until = '-infinity' WHERE holder <> '' AND process = ANY "
      "($1::text[])",
      processes);
}

void MaildropRepository::noteRetrieved(MailboxId mailbox, const UidSet& uids) {
  transaction_.exec(R"sql(
    INSERT INTO posthouse.pop3_retrieved AS r (account_id, mailbox_id, uids) VALUES ($1, $2, $3::text::int8multirange)
    ON CONFLICT (account_id, mailbox_id) DO UPDATE SET uids = r.uids + excluded.uids WHERE NOT r.uids @> excluded.uids)sql",
                    account_, mailbox, uids.toMultirange());
}

std::vector<Uid> MaildropRepository::expired(MailboxId mailbox, std::chrono::days age, std::size_t most) {
  const auto rows = transaction_.exec(R"sql(
    SELECT m.uid FROM posthouse.pop3_retrieved p, unnest(p.uids) AS u,
      LATERAL (SELECT x.uid, x.save_date FROM posthouse.msg x
                WHERE x.account_id = $1 AND x.mailbox_id = $2 AND x.uid >= lower(u) AND x.uid < upper(u) ORDER BY x.uid OFFSET 0) m
     WHERE p.account_id = $1 AND p.mailbox_id = $2 AND m.save_date <= clock_timestamp() - $3 * interval '24 hours'
     ORDER BY m.uid LIMIT $4)sql",
                                      account_, mailbox, age.count(), most);
  std::vector<Uid> uids;
  for (const auto& row : rows) uids.push_back(row.get<Uid>(0));
  return uids;
}

}  // namespace posthouse::store
