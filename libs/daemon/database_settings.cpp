#include "daemon/database_settings.h"

namespace posthouse::daemon {

DatabaseSettings DatabaseSettings::from(config::Configuration& configuration, config::Section& program) {
  DatabaseSettings settings;
  config::Section shared = configuration.section("database");
  const std::string sharedUrl = shared.secret("url", "");
  const auto sharedPool = shared.integer("pool_size", settings.poolSize, 1, 200);
  settings.preparedStatements = shared.flag("prepared_statements", true);
  settings.statementTimeout = shared.duration("statement_timeout", settings.statementTimeout);
  if (settings.statementTimeout.count() == 0) shared.fail("statement_timeout", "must be more than 0");
  shared.secret("admin_url", "");  // of mailctl db
  shared.rejectUnread();
  settings.url = program.secret("database_url", sharedUrl);
  if (settings.url.empty()) program.fail("database_url", "is required here or as database.url");
  settings.poolSize = static_cast<unsigned>(program.integer("pool_size", sharedPool, 1, 200));
  return settings;
}

}  // namespace posthouse::daemon
