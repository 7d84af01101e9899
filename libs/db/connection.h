#pragma once
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "db/parameters.h"
#include "db/rows.h"

struct pg_conn;

namespace posthouse::db {

/// The server went away in the middle of a statement. Within this library only: jobs see Unavailable or CommitUnknown.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The transaction lost against another one (deadlock, serialization failure) and may be run again. Within this library
/// only.
class Conflict : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One connection, used by one thread. Errors: ConnectionLost, Conflict, Busy, pqxx::sql_error and what derives from
/// it.
class Connection {
 public:
  /// Connects, or throws ConnectionLost.
  Connection(const std::string& url, std::string_view applicationName);
  ~Connection();

  /// False if the server has said something (that it goes away) or hung up since the last statement.
  bool isQuiet() const noexcept;

  /// One statement by the extended protocol, result in binary.
  Rows execute(std::string_view sql, const Parameters& parameters);
  /// Statements without parameters by the simple protocol, in one round trip.
  void script(std::string_view statements);
  /// False if the transaction had failed before, so that nothing was committed.
  bool commit();
  void rollback();

 private:
  class Handle;
  std::unique_ptr<Handle> handle_;
  pg_conn* raw_;
};

}  // namespace posthouse::db
