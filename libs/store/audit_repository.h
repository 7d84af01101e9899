#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "db/transaction.h"

namespace posthouse::store {

/// One administrative change.
struct AuditEntry {
  std::int64_t id = 0;  // in the order in which they were made, with gaps
  std::chrono::system_clock::time_point at{};
  std::string actor;    // the account that did it; empty: the operator of the machine
  std::string peer;     // who called, as far as that is known: "local:0"
  std::string action;   // "user.add"
  std::string object;   // the address or domain that it was done to
  std::string domain;   // whose administrators may see it
  std::string details;  // what changed: a JSON object, without any secret
};

class AuditRepository {
 public:
  explicit AuditRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// What is not given matches everything.
  struct Wanted {
    std::chrono::system_clock::time_point since{};
    std::string object{};
    std::string actor{};
    std::vector<std::string> domains{};
  };

  /// In their order, in one statement. The id and the time are given here.
  void record(const std::vector<AuditEntry>& entries);
  /// By id, those after `after`.
  std::vector<AuditEntry> list(const Wanted& wanted, std::int64_t after, int limit);
  /// Removes up to `limit` that are older; how many it were.
  std::int64_t prune(std::chrono::system_clock::time_point before, int limit);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
