#pragma once
#include "db/database.h"
#include "kerberos/seen_requests.h"

namespace posthouse::accountd {

class StoreSeenRequests final : public SeenRequests {
 public:
  explicit StoreSeenRequests(db::Database& database) noexcept : database_(database) {}

  Task<bool> note(std::string proof) override;

 private:
  db::Database& database_;
};

}  // namespace posthouse::accountd
