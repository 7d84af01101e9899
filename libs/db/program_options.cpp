#include "db/program_options.h"

namespace posthouse::db {

Options programOptions(const daemon::DatabaseSettings& settings, std::string_view program, const observe::Log& log) {
  return {.url = settings.url,
          .applicationName = std::string(program),
          .poolSize = settings.poolSize,
          .preparedStatements = settings.preparedStatements,
          .onNotice = [&log](const std::string& notice) { log.warn("db.notice", notice); },
          .statementTimeout = settings.statementTimeout,
          .queuePatience = settings.statementTimeout};
}

}  // namespace posthouse::db
