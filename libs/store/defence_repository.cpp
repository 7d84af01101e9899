#include "store/defence_repository.h"

#include <utility>

namespace posthouse::store {
namespace {

double seconds(std::chrono::milliseconds duration) {
  return static_cast<double>(duration.count()) / 1000;
}

std::vector<LoginFailures> failuresOf(const db::Rows& rows) {
  std::vector<LoginFailures> failures;
  for (const auto& row : rows)
    failures.push_back({.network = row.get<std::string>(0),
                        .name = row.get<std::int64_t>(1),
                        .address = row.get<std::string>(2),
                        .score = row.get<double>(3),
                        .tags = row.get<std::string>(4)});
  return failures;
}

std::vector<LoginBan> bansOf(const db::Rows& rows) {
  std::vector<LoginBan> bans;
  for (const auto& row : rows)
    bans.push_back({.network = row.get<std::string>(0),
                    .name = row.get<std::int64_t>(1),
                    .address = row.get<std::string>(2),
                    .reason = row.get<std::string>(3),
                    .isAutomatic = row.get<bool>(4),
                    .times = row.get<std::int32_t>(5),
                    .since = row.get<std::chrono::system_clock::time_point>(6),
                    .left = std::chrono::milliseconds(row.get<std::int64_t>(7))});
  return bans;
}

constexpr std::string_view kBanColumns =
    "network, name, address, reason, is_automatic, times, since, "
    "(extract(epoch FROM until - clock_timestamp()) * 1000)::bigint ";

}  // namespace

DefenceRepository::Time DefenceRepository::now() {
  const auto rows = transaction_.exec1("SELECT clock_timestamp()");
  return rows[0].get<Time>(0);
}

// In the order of the keys, so that two accountds wait for each other instead of both.
void DefenceRepository::add(const std::vector<LoginFailureChange>& changes) {
  if (changes.empty()) return;
  std::vector<std::string> networks, addresses, tags;
  std::vector<std::int64_t> names, points;
  std::vector<int> cleared;
  for (const LoginFailureChange& change : changes) {
    networks.push_back(change.network);
    names.push_back(change.name);
    addresses.push_back(change.address);
    points.push_back(change.thousandths);
    cleared.push_back(change.isCleared ? 1 : 0);
    tags.push_back(change.tags);
  }
  transaction_.exec(R"sql(
    WITH change AS (
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::int[], $6::text[])
        AS c (network, name, address, points, cleared, tags)),
    cleared AS (
      UPDATE posthouse.auth_failure f SET score = c.points / 1000.0, at = clock_timestamp(), tags = c.tags
        FROM change c WHERE c.cleared = 1 AND f.network = c.network AND f.name = c.name)
    INSERT INTO posthouse.auth_failure AS f (network, name, address, score, at, tags)
    SELECT network, name, address, points / 1000.0, clock_timestamp(), tags FROM change
     WHERE cleared = 0 ORDER BY network COLLATE "C", name
    ON CONFLICT (network, name) DO UPDATE SET
      score = f.score * power(0.5, least(100, extract(epoch FROM clock_timestamp() - f.at)::float8 / $7::float8)) + EXCLUDED.score,
      at = EXCLUDED.at,
      address = CASE WHEN EXCLUDED.address = '' THEN f.address ELSE EXCLUDED.address END,
      tags = CASE WHEN EXCLUDED.tags = '' THEN f.tags ELSE EXCLUDED.tags END)sql",
                    networks, names, addresses, points, cleared, tags, halfLife_);
}

std::vector<LoginFailures> DefenceRepository::changed(Time after, int limit) {
  return failuresOf(transaction_.exec(R"sql(
    SELECT network, name, address,
           score * power(0.5, least(100, greatest(0, extract(epoch FROM clock_timestamp() - at)::float8) / $3::float8)), tags
      FROM posthouse.auth_failure WHERE at > $1 ORDER BY at DESC LIMIT $2)sql",
                                      after, limit, halfLife_));
}

std::vector<LoginFailures> DefenceRepository::most(double least, int limit) {
  return failuresOf(transaction_.exec(R"sql(
    SELECT network, name, address, now_score, tags
      FROM (SELECT *, score * power(0.5, least(100, greatest(0, extract(epoch FROM clock_timestamp() - at)::float8) / $3::float8))
                   AS now_score FROM posthouse.auth_failure) f
     WHERE now_score >= $1::float8 ORDER BY now_score DESC, network, name LIMIT $2)sql",
                                      least, limit, halfLife_));
}

std::int64_t DefenceRepository::forget(std::string_view network, std::int64_t name) {
  return transaction_
      .exec(
          "UPDATE posthouse.auth_failure SET score = 0, at = clock_timestamp(), tags = '' WHERE score > 0 AND "
          "CASE WHEN $2::bigint = 0 THEN network = $1 ELSE name = $2 END",
          network, name)
      .affected();
}

void DefenceRepository::ban(const std::vector<LoginBan>& bans) {
  if (bans.empty()) return;
  std::vector<std::string> networks, addresses, reasons;
  std::vector<std::int64_t> names, left;
  std::vector<int> automatic, times;
  for (const LoginBan& ban : bans) {
    networks.push_back(ban.network);
    names.push_back(ban.name);
    addresses.push_back(ban.address);
    reasons.push_back(ban.reason);
    automatic.push_back(ban.isAutomatic ? 1 : 0);
    times.push_back(ban.times);
    left.push_back(ban.left.count());
  }
  transaction_.exec(R"sql(
    INSERT INTO posthouse.auth_ban AS b (network, name, address, reason, is_automatic, times, since, until, changed)
    SELECT network, name, address, reason, automatic = 1, times, clock_timestamp(),
           clock_timestamp() + left_ms * interval '1 millisecond', clock_timestamp()
      FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::int[], $6::int[], $7::bigint[])
        AS n (network, name, address, reason, automatic, times, left_ms) ORDER BY network COLLATE "C", name
    ON CONFLICT (network, name) DO UPDATE SET
      address = EXCLUDED.address, reason = EXCLUDED.reason, is_automatic = EXCLUDED.is_automatic,
      times = greatest(b.times, EXCLUDED.times), since = EXCLUDED.since, until = EXCLUDED.until, changed = EXCLUDED.changed
    WHERE NOT EXCLUDED.is_automatic OR b.until < EXCLUDED.until)sql",
                    networks, names, addresses, reasons, automatic, times, left);
}

std::int64_t DefenceRepository::lift(std::string_view network, std::int64_t name) {
  return transaction_
      .exec(
          "UPDATE posthouse.auth_ban SET until = clock_timestamp(), changed = clock_timestamp(), times = 0 "
          "WHERE until > clock_timestamp() AND CASE WHEN $2::bigint = 0 THEN network = $1 ELSE name = $2 END",
          network, name)
      .affected();
}

std::vector<LoginBan> DefenceRepository::changedBans(Time after, int limit) {
  return bansOf(
      transaction_.exec("SELECT " + std::string(kBanColumns) +
                            "FROM posthouse.auth_ban WHERE changed > $1 ORDER BY is_automatic, until DESC LIMIT $2",
                        after, limit));
}

std::vector<LoginBan> DefenceRepository::bans(int limit) {
  return bansOf(
      transaction_.exec("SELECT " + std::string(kBanColumns) +
                            "FROM posthouse.auth_ban WHERE until > clock_timestamp() ORDER BY since DESC LIMIT $1",
                        limit));
}

std::vector<std::int64_t> DefenceRepository::namesAt(std::string_view network, std::chrono::milliseconds lately,
                                                     int limit) {
  std::vector<std::int64_t> names;
  const auto rows = transaction_.exec(
      "SELECT name FROM posthouse.auth_place WHERE network = $1 AND at > clock_timestamp() - $2::float8 * interval '1 "
      "second' "
      "ORDER BY at DESC LIMIT $3",
      network, seconds(lately), limit);
  for (const auto& row : rows) names.push_back(row.get<std::int64_t>(0));
  return names;
}

void DefenceRepository::addPlaces(const std::vector<std::string>& networks, const std::vector<std::int64_t>& names) {
  if (networks.empty()) return;
  transaction_.exec(R"sql(
    INSERT INTO posthouse.auth_place AS p (network, name, at)
    SELECT network, name, clock_timestamp()
      FROM (SELECT DISTINCT network, name FROM unnest($1::text[], $2::bigint[]) AS n (network, name)) n
     ORDER BY network COLLATE "C", name
    ON CONFLICT (network, name) DO UPDATE SET at = EXCLUDED.at WHERE p.at < EXCLUDED.at - interval '20 hours')sql",
                    networks, names);
}

std::int64_t DefenceRepository::prune(std::chrono::milliseconds lately, std::int64_t mostFailures, int limit) {
  std::int64_t removed = transaction_
                             .exec(R"sql(
    DELETE FROM posthouse.auth_failure WHERE (network, name) IN (
      SELECT network, name FROM posthouse.auth_failure
       WHERE at < clock_timestamp() - 10 * $1::float8 * interval '1 second' OR at < clock_timestamp() - 2 * $1::float8 * interval '1 second' AND score < 1.5
       ORDER BY at LIMIT $2))sql",
                                   halfLife_, limit)
                             .affected();
  removed += transaction_
                 .exec(R"sql(
    DELETE FROM posthouse.auth_failure WHERE (network, name) IN (
      SELECT network, name FROM posthouse.auth_failure ORDER BY at
       LIMIT least($2, greatest(0, (SELECT count(*) FROM posthouse.auth_failure) - $1))))sql",
                       mostFailures, limit)
                 .affected();
  removed +=
      transaction_
          .exec(
              "DELETE FROM posthouse.auth_ban WHERE (network, name) IN (SELECT network, name FROM posthouse.auth_ban "
              "WHERE until < clock_timestamp() - interval '1 day' ORDER BY until LIMIT $1)",
              limit)
          .affected();
  removed += transaction_
                 .exec(
                     "DELETE FROM posthouse.auth_place WHERE (network, name) IN (SELECT network, name FROM "
                     "posthouse.auth_place WHERE at < clock_timestamp() - $1::float8 * interval '1 second' ORDER BY at "
                     "LIMIT $2)",
                     seconds(lately), limit)
                 .affected();
  return removed;
}

}  // namespace posthouse::store
