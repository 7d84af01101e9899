#pragma once
#include <chrono>

#include "base/clock.h"
#include "db/database.h"
#include "observe/log.h"
#include "queue.h"
#include "retry_keys.h"

namespace posthouse::smtpd {

/// The queue in PostgreSQL.
class StoredQueue final : public Queue {
 public:
  StoredQueue(db::Database& database, std::chrono::milliseconds lifetime, WallClock clock, const observe::Log& log)
      : database_(database), lifetime_(lifetime), clock_(std::move(clock)), log_(log) {}

  Task<bool> enqueue(const Transaction& transaction, const std::vector<Destination>& destinations,
                     const Letter& letter) override;

 private:
  db::Database& database_;
  std::chrono::milliseconds lifetime_;
  WallClock clock_;
  const observe::Log& log_;
};

/// The retry keys in PostgreSQL, where lmtp-delivery put them.
class StoredRetryKeys final : public RetryKeyStore {
 public:
  StoredRetryKeys(db::Database& database, const observe::Log& log) : database_(database), log_(log) {}

  Task<std::optional<std::vector<RetryKey>>> forget(const std::vector<RetryKey>& keys) override;

 private:
  db::Database& database_;
  const observe::Log& log_;
};

}  // namespace posthouse::smtpd
