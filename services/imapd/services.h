#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "base/memory_budget.h"
#include "config.h"
#include "db/database.h"
#include "login/authenticator.h"
#include "login/open_sessions.h"
#include "metrics.h"
#include "net/loop.h"
#include "observe/log.h"
#include "reading_memory.h"
#include "store/types.h"
#include "view_cache.h"
#include "watchers.h"

namespace posthouse::imapd {

/// What every session stands on; made by main, outlives them all.
struct Services {
  net::Loop& loop;
  const Config& config;
  login::Authenticator& authenticator;
  login::OpenSessions& openSessions;
  db::Database& database;  // commands
  db::Database& reading;   // long reads: they must not hold up the commands of others
  ViewCache& views;
  Watchers& watchers;
  Metrics& metrics;
  const observe::Log& log;
  /// Tells whoever shows a mailbox, here and in other programs, what was committed. No mailbox: the set of them
  /// changed.
  std::function<void(store::AccountId, std::optional<store::MailboxId>, store::ModSeq)> committed;
  std::stop_token lastCall = {};  // of a drain: heard while the client is waited for anywhere
  MemoryBudget appendMemory{config.appendMemory};
  ReadingMemory readingMemory{loop, config.readMemory};
};

}  // namespace posthouse::imapd
