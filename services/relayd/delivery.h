#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bodies.h"
#include "bounce.h"
#include "config.h"
#include "directory/directory.h"
#include "lease.h"
#include "metrics.h"
#include "net/loop.h"
#include "observe/log.h"
#include "queue.h"
#include "router.h"
#include "schedule.h"
#include "transports/transport.h"

namespace posthouse::relayd {

/// What attempts are made with. All of it outlives them.
struct Workshop {
  net::Loop& loop;
  const Config& config;
  Queue& queue;
  Bodies& bodies;
  directory::Directory& directory;
  Transport& local;
  Transport& remote;
  BounceWriter& bounces;
  store::QueueIdMint& ids;
  Metrics& metrics;
  const observe::Log& log;
  WallClock clock;
};

/// One attempt for recipients of one message with one destination: asks who they are, sends, and gives them back to the
/// queue with what became of them. The recipients stay leased until that is committed: no other server is
/// sent the final dot unless the lease is sure to last for a while. So another server gets a message twice only if this
/// process is killed, or the queue is away for longer than the lease, between the dot and the commit.
class Delivery {
 public:
  Delivery(const Workshop& workshop, std::vector<store::Claim> claims, Lease lease, std::stop_token stop);

  /// Throws what the queue throws: then the leases end by themselves.
  Task<> run();

  const std::vector<store::Claim>& claims() const noexcept { return claims_; }
  Lease& lease() noexcept { return lease_; }
  /// What was sent cannot be noted, for the queue is away.
  bool isUnsettled() const noexcept { return isUnsettled_; }

 private:
  struct Sending;

  Task<std::optional<Bodies::Hold>> takeBody();
  Task<> attempt();
  Task<> route(Sending& local, Sending& remote);
  Task<> send(Transport& transport, Sending& sending);
  void settle(const store::Claim& claim, const Report& report, const Transport& transport);
  void giveBack(const store::Claim& claim);
  void expand(const store::Claim& claim, std::vector<store::QueuedRecipient> members);
  void record(const store::Claim& claim, const Report& report, const Fate& fate, std::string_view transport) const;
  void tellSender();
  void recordReport(const std::vector<Notice>& notices, const NewMail& report) const;
  Task<> commit();

  const Workshop& workshop_;
  std::vector<store::Claim> claims_;
  Lease lease_;
  std::stop_token stop_;
  std::string_view octets_;  // while run() holds them
  Schedule localSchedule_;
  Schedule remoteSchedule_;
  Settlement settlement_;
  std::vector<Notice> failures_;
  std::vector<Notice> delays_;
  bool isUnsettled_ = false;
};

}  // namespace posthouse::relayd
