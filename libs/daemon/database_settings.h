#pragma once
#include <chrono>
#include <string>

#include "config/configuration.h"

namespace posthouse::daemon {

/// How a program reaches PostgreSQL: [PROGRAM] database_url, so that each has a role of its own, else [database] url.
struct DatabaseSettings {
  std::string url;
  unsigned poolSize = 4;
  bool preparedStatements = true;  // false: for a PgBouncer before 1.21, so that it is not tried first
  std::chrono::milliseconds statementTimeout{20'000};  // for an answer, and for a free connection before it

  /// Reads [database]; `program` is the program's own section, whose keys are read but not checked for others.
  static DatabaseSettings from(config::Configuration& configuration, config::Section& program);
};

}  // namespace posthouse::daemon
