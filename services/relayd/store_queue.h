#pragma once
#include "db/database.h"
#include "queue.h"

namespace posthouse::relayd {

/// The queue in PostgreSQL.
class StoreQueue final : public Queue {
 public:
  explicit StoreQueue(db::Database& database) : database_(database) {}

  Task<std::vector<store::Claim>> claim(std::chrono::seconds lease, int limit, std::vector<std::string> except,
                                        bool takesOver) override;
  Task<std::optional<std::string>> load(store::Claim claim) override;
  Task<> settle(const Settlement& settlement) override;
  Task<std::int64_t> renew(std::vector<store::Claim> claims, std::chrono::seconds lease) override;
  Task<store::QueueCounts> counts() override;
  Task<bool> lead(std::string caller, std::chrono::seconds duration) override;

 private:
  db::Database& database_;
};

}  // namespace posthouse::relayd
