#include "daemon/database_settings.h"

#include <libpq-fe.h>

#include <memory>

namespace posthouse::daemon {

namespace {

bool isUnderstood(const std::string& url) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(PQconninfoParse(url.c_str(), &error),
                                                                            PQconninfoFree);
  PQfreemem(error);
  return parsed != nullptr;
}

}  // namespace

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
  if (settings.url.empty()) {
    program.fail("database_url", "is required here or as database.url");
  } else if (!isUnderstood(settings.url)) {
    // Without libpq's words: they quote the text, and a password with it.
    constexpr const char* kWhy = "is not understood; write it as \"postgresql://role@host/database\"";
    const bool isOwn = program.has("database_url") || program.has("database_url_file");
    config::Section& section = isOwn ? program : shared;
    const std::string key = isOwn ? "database_url" : "url";
    section.fail(section.has(key) ? key : key + "_file", kWhy);
  }
  settings.poolSize = static_cast<unsigned>(program.integer("pool_size", sharedPool, 1, 200));
  return settings;
}

}  // namespace posthouse::daemon
