#pragma once
#include <string_view>

#include "db/parameters.h"
#include "db/rows.h"

namespace posthouse::db {

class Connection;

/// One transaction, on the pool thread that runs it. Statements go by the extended protocol, with results in binary. A
/// failed statement throws pqxx::sql_error (or what derives from it: pqxx::unique_violation), db::Busy for a lock that
/// was not granted in time; the transaction is then over. Large octets: pass Octets, read Row::view().
class Transaction {
 public:
  explicit Transaction(Connection& connection) noexcept : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  template <class... Arguments>
  Rows exec(std::string_view sql, const Arguments&... arguments) {
    Parameters parameters;
    (parameters.add(arguments), ...);
    return run(sql, parameters);
  }

  /// As exec, for what is hot: parsed once a connection, if the pool may prepare (Options::preparedStatements). `sql`
  /// must be a constant that lives as long as the program.
  template <class... Arguments>
  Rows execPrepared(std::string_view sql, const Arguments&... arguments) {
    Parameters parameters;
    (parameters.add(arguments), ...);
    return runPrepared(sql, parameters);
  }

  /// As exec, and the result has exactly one row; throws std::logic_error if not. Read it as exec1(...)[0].
  template <class... Arguments>
  Rows exec1(std::string_view sql, const Arguments&... arguments) {
    Rows rows = exec(sql, arguments...);
    requireOneRow(rows, sql);
    return rows;
  }

  Rows run(std::string_view sql, const Parameters& parameters);
  Rows runPrepared(std::string_view sql, const Parameters& parameters);
  /// Statements without parameters or results, several in one round trip.
  void script(std::string_view statements);

 private:
  static void requireOneRow(const Rows& rows, std::string_view sql);

  Connection& connection_;
};

}  // namespace posthouse::db
