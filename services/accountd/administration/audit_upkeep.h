#pragma once
#include <chrono>
#include <stop_token>

#include "async/task.h"
#include "db/database.h"
#include "net/loop.h"
#include "observe/log.h"

namespace posthouse::accountd {

/// Removes what is older than `age` from the audit, now and every hour; nothing if `age` is 0.
Task<> keepAuditShort(net::Loop& loop, db::Database& database, std::chrono::milliseconds age, observe::Log log,
                      std::stop_token stop);

/// Once, in small steps; how many it were.
Task<std::int64_t> pruneAudit(db::Database& database, std::chrono::system_clock::time_point before);

}  // namespace posthouse::accountd
