#pragma once
#include <deque>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "delivery.h"

namespace posthouse::relayd {

/// Takes from the queue what is due, sees to it that no destination gets more attempts at a time than it should, and
/// keeps the leases of what it took.
class Dispatcher {
 public:
  explicit Dispatcher(const Workshop& workshop);

  /// Works until `draining`; then finishes what is under way, interrupts what takes longer than the configuration's
  /// patience, and gives back what was not begun.
  Task<> run(std::stop_token draining);

  std::size_t active() const noexcept { return active_; }

 private:
  /// Recipients of one message with one destination.
  struct Group {
    std::vector<store::Claim> claims;
    Lease lease;
  };
  struct Destination {
    std::size_t active = 0;
    std::deque<Group> waiting;
  };

  Task<bool> claimSome();
  std::vector<Group> grouped(std::vector<store::Claim> claims, Lease lease) const;
  std::size_t limitOf(const std::string& destination) const;
  void start(const std::string& destination, Group group);
  Task<> attempt(std::string destination, Group group);
  Task<> renewLeases(std::stop_token stop);
  Task<> renew(std::uint64_t number);
  Task<> renewWaiting();
  Task<> showQueue(std::stop_token stop);
  Task<> giveBackWaiting();
  Task<> interruptLater(std::stop_token finished);

  const Workshop& workshop_;
  const std::string instance_;  // a name that no other worker has
  std::map<std::string, Destination> destinations_;
  std::map<std::uint64_t, Delivery*> underWay_;  // by a number of their own; their leases are renewed
  std::uint64_t lastNumber_ = 0;
  std::size_t active_ = 0;
  bool queueIsAway_ = false;  // so that the log tells of the change and not of every poll
  std::chrono::steady_clock::time_point queueIsBack_ = std::chrono::steady_clock::now();
  std::stop_source interrupt_;
  TaskGroup attempts_;
  TaskGroup background_;
};

}  // namespace posthouse::relayd
