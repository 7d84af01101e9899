#include "store/session_repository.h"

namespace posthouse::store {

void SessionRepository::end(AccountId account, EndReason reason, std::string_view session) {
  transaction_.exec("SELECT posthouse.end_sessions($1, $2, $3::smallint)", account, session, reason);
}

SessionRepository::News SessionRepository::endingsSince(std::int64_t horizon) {
  constexpr std::string_view kSelect = R"sql(
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, e.ending_id, e.account_id, e.session_id, e.reason, e.at
      FROM (SELECT 1) AS once LEFT JOIN posthouse.session_ending e ON e.transaction >= $1::bigint::text::xid8
     ORDER BY e.ending_id)sql";
  const auto rows = transaction_.execPrepared(kSelect, horizon);
  News news{.endings = {}, .horizon = rows[0].get<std::int64_t>(0)};
  if (rows[0].isNull(1)) return news;
  for (const auto& row : rows) {
    news.endings.push_back({.number = row.get<std::int64_t>(1),
                            .account = row.get<AccountId>(2),
                            .session = row.get<std::string>(3),
                            .reason = row.get<EndReason>(4),
                            .at = row.get<std::chrono::system_clock::time_point>(5)});
  }
  return news;
}

std::int64_t SessionRepository::pruneEndings(std::chrono::seconds age) {
  return transaction_
      .exec("DELETE FROM posthouse.session_ending WHERE at < clock_timestamp() - $1 * interval '1 second'", age.count())
      .affected();
}

bool SessionRepository::attach(const FrontEnd& frontEnd) {
  const bool isNewest = transaction_
                            .exec(R"sql(
    INSERT INTO posthouse.front_end AS f (front_end_id, attachment, program, instance, seen_at)
    VALUES ($1, $2, $3, $4, clock_timestamp())
    ON CONFLICT (front_end_id) DO UPDATE SET attachment = excluded.attachment, seen_at = excluded.seen_at
     WHERE f.attachment < excluded.attachment)sql",
                                  frontEnd.id, frontEnd.attachment, frontEnd.program, frontEnd.instance)
                            .affected() == 1;
  if (isNewest) transaction_.exec("DELETE FROM posthouse.session WHERE front_end_id = $1", frontEnd.id);
  return isNewest;
}

std::optional<std::vector<SessionEnding>> SessionRepository::report(const FrontEnd& frontEnd,
                                                                    const std::vector<Session>& opened,
                                                                    const std::vector<std::string>& closed) {
  // An attachment that comes meanwhile waits for us, and we for one that came before. FOR KEY SHARE would do neither:
  // it takes the row as it was, whatever has become of what is not its key.
  const bool isKnown =
      !transaction_
           .exec("SELECT FROM posthouse.front_end WHERE front_end_id = $1 AND attachment = $2 FOR SHARE", frontEnd.id,
                 frontEnd.attachment)
           .empty();
  if (!isKnown) return std::nullopt;
  if (!closed.empty()) transaction_.exec("DELETE FROM posthouse.session WHERE session_id = ANY ($1::text[])", closed);
  if (opened.empty()) return std::vector<SessionEnding>();
  std::vector<std::string> ids, protocols, addresses, mechanisms;
  std::vector<AccountId> accounts;
  std::vector<std::int16_t> tls;
  std::vector<std::int64_t> ages;
  for (const Session& session : opened) {
    ids.push_back(session.id);
    accounts.push_back(session.account);
    protocols.push_back(session.protocol);
    addresses.push_back(session.remoteAddress);
    mechanisms.push_back(session.mechanism);
    tls.push_back(session.tls ? 1 : 0);
    ages.push_back(session.age.count());
  }
  transaction_.exec(R"sql(
    INSERT INTO posthouse.session (session_id, front_end_id, account_id, protocol, remote_address, mechanism, tls, since)
    SELECT s.id, $1, s.account, s.protocol, s.address, s.mechanism, s.tls <> 0, clock_timestamp() - s.age * interval '1 ms'
      FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::bigint[])
        AS s (id, account, protocol, address, mechanism, tls, age)
    ON CONFLICT DO NOTHING)sql",
                    frontEnd.id, ids, accounts, protocols, addresses, mechanisms, tls, ages);
  return ended(opened);
}

std::vector<SessionEnding> SessionRepository::ended(const std::vector<Session>& sessions) {
  std::vector<std::string> ids;
  std::vector<AccountId> accounts;
  std::vector<std::int64_t> known;
  for (const Session& session : sessions) {
    ids.push_back(session.id);
    accounts.push_back(session.account);
    known.push_back(session.knownEnding);
  }
  const auto rows = transaction_.exec(R"sql(
    SELECT s.id, s.account, CASE WHEN a.account_id IS NULL THEN $4 WHEN NOT a.enabled THEN $5 ELSE e.reason END
      FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS s (id, account, known)
      LEFT JOIN posthouse.account a ON a.account_id = s.account
      LEFT JOIN LATERAL (
        SELECT reason FROM posthouse.session_ending
         WHERE account_id = s.account AND (session_id = s.id OR session_id = '' AND ending_id > s.known)
         ORDER BY ending_id DESC LIMIT 1) AS e ON true
     WHERE a.account_id IS NULL OR NOT a.enabled OR e.reason IS NOT NULL)sql",
                                      ids, accounts, known, EndReason::removed, EndReason::disabled);
  std::vector<SessionEnding> endings;
  for (const auto& row : rows) {
    endings.push_back(
        {.account = row.get<AccountId>(1), .session = row.get<std::string>(0), .reason = row.get<EndReason>(2)});
  }
  return endings;
}

void SessionRepository::detach(const FrontEnd& frontEnd) {
  const bool wasAttached = transaction_
                               .exec("DELETE FROM posthouse.front_end WHERE front_end_id = $1 AND attachment = $2",
                                     frontEnd.id, frontEnd.attachment)
                               .affected() == 1;
  if (wasAttached) transaction_.exec("DELETE FROM posthouse.session WHERE front_end_id = $1", frontEnd.id);
}

std::vector<std::string> SessionRepository::keep(const std::vector<std::string>& frontEnds) {
  std::vector<std::string> known;
  const auto rows = transaction_.exec(
      "UPDATE posthouse.front_end SET seen_at = clock_timestamp() WHERE front_end_id = ANY ($1::text[]) "
      "RETURNING front_end_id",
      frontEnds);
  for (const auto& row : rows) known.push_back(row.get<std::string>(0));
  return known;
}

void SessionRepository::forgetLost(std::chrono::seconds age) {
  transaction_.exec("DELETE FROM posthouse.front_end WHERE seen_at < clock_timestamp() - $1 * interval '1 second'",
                    age.count());
  transaction_.exec(
      "DELETE FROM posthouse.session s WHERE NOT EXISTS "
      "(SELECT FROM posthouse.front_end f WHERE f.front_end_id = s.front_end_id)");
}

std::vector<ListedSession> SessionRepository::list(const Wanted& wanted, std::string_view after, int limit,
                                                   std::chrono::seconds age) {
  const auto rows = transaction_.exec(R"sql(
    SELECT s.session_id, a.address, s.protocol, s.remote_address, s.mechanism, s.tls, s.since, f.program, f.instance
      FROM posthouse.session s JOIN posthouse.front_end f USING (front_end_id) JOIN posthouse.account a USING (account_id)
     WHERE s.session_id > $1 AND f.seen_at > clock_timestamp() - $5 * interval '1 second'
       AND ($2::bigint IS NULL OR s.account_id = $2)
       AND ($3::text[] = '{}' OR split_part(a.address, '@', 2) = ANY ($3::text[]))
     ORDER BY s.session_id LIMIT $4)sql",
                                      after, wanted.account, wanted.domains, limit, age.count());
  std::vector<ListedSession> sessions;
  for (const auto& row : rows) {
    sessions.push_back({.id = row.get<std::string>(0),
                        .address = row.get<std::string>(1),
                        .protocol = row.get<std::string>(2),
                        .remoteAddress = row.get<std::string>(3),
                        .mechanism = row.get<std::string>(4),
                        .tls = row.get<bool>(5),
                        .since = row.get<std::chrono::system_clock::time_point>(6),
                        .program = row.get<std::string>(7),
                        .instance = row.get<std::string>(8)});
  }
  return sessions;
}

}  // namespace posthouse::store
