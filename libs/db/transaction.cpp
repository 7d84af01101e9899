#include "db/transaction.h"

#include <stdexcept>
#include <string>

#include "db/connection.h"

namespace posthouse::db {

Rows Transaction::run(std::string_view sql, const Parameters& parameters) {
  return connection_.execute(sql, parameters);
}

Rows Transaction::runPrepared(std::string_view sql, const Parameters& parameters) {
  return connection_.executePrepared(sql, parameters);
}

void Transaction::script(std::string_view statements) {
  connection_.script(statements);
}

void Transaction::requireOneRow(const Rows& rows, std::string_view sql) {
  if (rows.size() == 1) return;
  throw std::logic_error("one row was expected, not " + std::to_string(rows.size()) + ", of " + std::string(sql));
}

}  // namespace posthouse::db
