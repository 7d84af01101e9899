#pragma once
#include <string_view>

#include "daemon/database_settings.h"
#include "db/database.h"
#include "observe/log.h"

namespace posthouse::db {

/// The options of every pool of a program: what its configuration says, and who hears what an operator should know. The
/// log must outlive the pools.
Options programOptions(const daemon::DatabaseSettings& settings, std::string_view program, const observe::Log& log);

}  // namespace posthouse::db
