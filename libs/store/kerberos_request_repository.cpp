#include "store/kerberos_request_repository.h"

namespace posthouse::store {

namespace {

/// An AP-REQ is refused for its time long before it is forgotten: clocks may differ by minutes.
constexpr auto kAdd = R"sql(
  WITH forgotten AS (
    DELETE FROM posthouse.kerberos_request WHERE proof IN (
      SELECT proof FROM posthouse.kerberos_request WHERE seen_at < now() - interval '1 hour'
       ORDER BY seen_at LIMIT 100 FOR UPDATE SKIP LOCKED))
  INSERT INTO posthouse.kerberos_request (proof) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true)sql";

}  // namespace

bool KerberosRequestRepository::add(std::string_view proof) {
  return !transaction_.exec(kAdd, db::Octets{proof}).empty();
}

}  // namespace posthouse::store
