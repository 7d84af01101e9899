#pragma once
#include <chrono>
#include <stop_token>

#include "async/task.h"
#include "db/database.h"
#include "net/loop.h"
#include "observe/log.h"
#include "watchers.h"

namespace posthouse::imapd {

/// Asks again and again how far the accounts with sessions have moved, so that an event that was lost costs time and
/// nothing else (ARCHITECTURE.md, rule 5). Until `stop` is pulled.
Task<> pollChanges(net::Loop& loop, db::Database& database, Watchers& watchers, std::chrono::milliseconds interval,
                   observe::Log log, std::stop_token stop);

}  // namespace posthouse::imapd
