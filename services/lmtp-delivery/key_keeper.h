#pragma once
#include <stop_token>

#include "async/task.h"
#include "config.h"
#include "db/database.h"
#include "net/loop.h"
#include "observe/log.h"

namespace posthouse::lmtp_delivery {

/// Forgets delivery keys that nobody will repeat any more, every hour until the token is pulled. Several instances may
/// do so.
Task<> forgetOldKeys(net::Loop& loop, db::Database& database, const Config& config, const observe::Log& log,
                     std::stop_token stop);

}  // namespace posthouse::lmtp_delivery
