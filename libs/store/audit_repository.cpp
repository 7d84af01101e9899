#include "store/audit_repository.h"

namespace posthouse::store {

void AuditRepository::record(const std::vector<AuditEntry>& entries) {
  if (entries.empty()) return;
  std::vector<std::string> actors, peers, actions, objects, domains, details;
  for (const AuditEntry& entry : entries) {
    actors.push_back(entry.actor);
    peers.push_back(entry.peer);
    actions.push_back(entry.action);
    objects.push_back(entry.object);
    domains.push_back(entry.domain);
    details.push_back(entry.details);
  }
  transaction_.exec(R"sql(
    INSERT INTO posthouse.audit (actor, peer, action, object, domain, details)
    SELECT e.actor, e.peer, e.action, e.object, e.domain, e.details::jsonb
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
        AS e (actor, peer, action, object, domain, details, place) ORDER BY e.place)sql",
                    actors, peers, actions, objects, domains, details);
}

std::vector<AuditEntry> AuditRepository::list(const Wanted& wanted, std::int64_t after, int limit) {
  std::vector<AuditEntry> entries;
  const auto rows = transaction_.exec(R"sql(
    SELECT audit_id, at, actor, peer, action, object, domain, details::text FROM posthouse.audit
     WHERE audit_id > $1 AND at >= $2 AND ($3 = '' OR object = $3) AND ($4 = '' OR actor = $4)
       AND ($5::text[] = '{}' OR domain = ANY ($5::text[])) ORDER BY audit_id LIMIT $6)sql",
                                      after, wanted.since, wanted.object, wanted.actor, wanted.domains, limit);
  for (const auto& row : rows)
    entries.push_back({.id = row.get<std::int64_t>(0),
                       .at = row.get<std::chrono::system_clock::time_point>(1),
                       .actor = row.get<std::string>(2),
                       .peer = row.get<std::string>(3),
                       .action = row.get<std::string>(4),
                       .object = row.get<std::string>(5),
                       .domain = row.get<std::string>(6),
                       .details = row.get<std::string>(7)});
  return entries;
}

std::int64_t AuditRepository::prune(std::chrono::system_clock::time_point before, int limit) {
  return transaction_
      .exec(
          "DELETE FROM posthouse.audit WHERE audit_id IN (SELECT audit_id FROM posthouse.audit WHERE at < $1 "
          "ORDER BY at LIMIT $2)",
          before, limit)
      .affected();
}

}  // namespace posthouse::store
