#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "fate.h"
#include "queue.h"
#include "report.h"
#include "store/queue_id.h"

namespace posthouse::relayd {

/// A recipient of whom the sender is to be told.
struct Notice {
  store::Claim claim;
  Report report;
  Fate fate;
};

/// Whether a sender wants to know of a failure, or of a delay: never the sender of a bounce (RFC 5321 §6.1), and as
/// NOTIFY says (RFC 3461 §4.1).
bool wantsFailureNotice(const store::Claim& claim);
bool wantsDelayNotice(const store::Claim& claim);

/// Writes delivery status notifications (RFC 3464, 6522), ready for the queue: they go out like other mail, from
/// nobody.
class BounceWriter {
 public:
  BounceWriter(std::string hostname, std::chrono::milliseconds lifetime, WallClock clock)
      : hostname_(std::move(hostname)), lifetime_(lifetime), clock_(clock), ids_(clock) {}

  /// About recipients of one message, all failed or all delayed. `octets` is that message.
  NewMail write(std::span<const Notice> notices, std::string_view octets);

 private:
  std::string hostname_;
  std::chrono::milliseconds lifetime_;
  WallClock clock_;
  store::QueueIdMint ids_;
};

}  // namespace posthouse::relayd
