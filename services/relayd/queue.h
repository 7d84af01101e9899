#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "async/task.h"
#include "store/queue_repository.h"

namespace posthouse::relayd {

/// A mail that relayd puts into the queue itself: a DSN, or what an alias became.
struct NewMail {
  store::QueuedMessage message;
  std::vector<store::QueuedRecipient> recipients;
  std::string octets;
};

/// Recipients that leave the queue, and what comes in their place.
struct Replacement {
  std::vector<store::Claim> finished;
  std::optional<NewMail> by = {};
};

struct Deferral {
  store::Claim claim;
  std::chrono::system_clock::time_point nextAt;
  std::string error;
  bool delayReported = false;  // `delayNotice` tells of it
};

/// What an attempt comes to: one transaction.
struct Settlement {
  std::vector<Replacement> replaced;
  std::vector<Deferral> deferred;
  std::optional<NewMail> delayNotice = {};

  bool isEmpty() const noexcept { return replaced.empty() && deferred.empty(); }
};

/// The queue as a worker sees it. Calls throw db::Unavailable and the like.
class Queue {
 public:
  virtual ~Queue() = default;
  /// `takesOver`: also what other workers had and did not give back before their leases ended.
  virtual Task<std::vector<store::Claim>> claim(std::chrono::seconds lease, int limit, std::vector<std::string> except,
                                                bool takesOver) = 0;
  virtual Task<std::optional<std::string>> load(store::Claim claim) = 0;
  /// May be repeated.
  virtual Task<> settle(const Settlement& settlement) = 0;
  /// How many were still the caller's.
  virtual Task<std::int64_t> renew(std::vector<store::Claim> claims, std::chrono::seconds lease) = 0;
  virtual Task<store::QueueCounts> counts() = 0;
  /// True if this worker is the one, for that long, that shows what is in the queue.
  virtual Task<bool> lead(std::string caller, std::chrono::seconds duration) = 0;
};

}  // namespace posthouse::relayd
