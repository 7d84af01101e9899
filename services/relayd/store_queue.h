#pragma once
#include "db/database.h"
#include "queue.h"

namespace posthouse::relayd {

/// The queue in PostgreSQL.
class StoreQueue final : public Queue {
 public:
  explicit StoreQueue(db::Database& database) : database_(database) {}

  Task<std::vector<store::Claim>> claim(std::chrono::seconds lease, int limit,
                                        std::vector<std::string> except) override;
  Task<std::optional<std::string>> load(store::Claim claim) override;
  Task<> settle(const Settlement& settlement) override;
  Task<> renew(std::vector<store::Claim> claims, std::chrono::seconds lease) override;
  Task<store::QueueCounts> counts() override;

 private:
  db::Database& database_;
};

}  // namespace posthouse::relayd
