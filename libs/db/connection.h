#pragma once
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

#include "db/parameters.h"
#include "db/prepared_statements.h"
#include "db/rows.h"

struct pg_conn;

namespace posthouse::db {

/// The server went away in the middle of a statement. Within this library only: jobs see Unavailable or CommitUnknown.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The server did not answer in time, and may still be at work on what it was asked. Within this library only.
class NoAnswer : public ConnectionLost {
 public:
  using ConnectionLost::ConnectionLost;
};

/// The transaction lost against another one (deadlock, serialization failure) and may be run again. Within this library
/// only.
class Conflict : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A prepared statement cannot be used: the connection does not know it, or its result has changed with the schema. It
/// did nothing; on another connection it may be run again. Within this library only.
class StatementForgotten : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One connection, used by one thread. Errors: ConnectionLost, Conflict, StatementForgotten, Busy, Unavailable,
/// pqxx::sql_error and what derives from it.
class Connection {
 public:
  /// Connects, or throws ConnectionLost. A statement that is not answered within `statementTimeout` is NoAnswer; zero
  /// waits for ever. Without `prepared`, nothing is prepared.
  Connection(const std::string& url, std::string_view applicationName, std::chrono::milliseconds statementTimeout = {},
             PreparedStatements* prepared = nullptr);
  ~Connection();

  /// False if the server has said something (that it goes away) or hung up since the last statement.
  bool isQuiet() const noexcept;

  /// One statement by the extended protocol, result in binary.
  Rows execute(std::string_view sql, const Parameters& parameters);
  /// The same, parsed by the server at its first use only. For constant texts.
  Rows executePrepared(std::string_view sql, const Parameters& parameters);
  /// Statements without parameters by the simple protocol, in one round trip.
  void script(std::string_view statements);
  /// False if the transaction had failed before, so that nothing was committed.
  bool commit();
  void rollback();

 private:
  /// The answer to what was sent, if it was: libpq's functions say 0 otherwise.
  Rows answer(int wasSent);

  class Handle;
  std::unique_ptr<Handle> handle_;
  pg_conn* raw_;
  const std::chrono::milliseconds statementTimeout_;
  PreparedStatements* prepared_;
  std::unordered_map<std::string_view, std::string> names_;  // of what is prepared here, by text
};

}  // namespace posthouse::db
