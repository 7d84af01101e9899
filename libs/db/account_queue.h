#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

#include "async/task.h"

namespace posthouse::net {
class Loop;
}

namespace posthouse::db {

/// Gives each account one turn at a time, in the order of asking. Lives on the loop's thread.
class AccountQueue {
 public:
  /// Held by who may write to the account now. Letting it go gives the turn to the next.
  class Turn {
   public:
    Turn(AccountQueue& queue, std::int64_t account) noexcept : queue_(&queue), account_(account) {}
    Turn(Turn&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)), account_(other.account_) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (queue_) queue_->pass(account_);
    }

   private:
    AccountQueue* queue_;
    std::int64_t account_;
  };

  AccountQueue(net::Loop& loop, std::chrono::milliseconds patience) : loop_(loop), patience_(patience) {}

  /// Waits until nobody before us holds the account. Throws Busy when that has lasted longer than the patience.
  Task<Turn> turn(std::int64_t account);

 private:
  class Waiter;
  using Line = std::deque<Waiter*>;

  void pass(std::int64_t account);

  net::Loop& loop_;
  const std::chrono::milliseconds patience_;
  std::unordered_map<std::int64_t, Line> waiting_;  // has an entry for every account that somebody holds
};

}  // namespace posthouse::db
