#include "fate.h"

namespace posthouse::relayd {

std::string_view nameOf(Fate::Kind kind) {
  switch (kind) {
    case Fate::Kind::delivered:
      return "delivered";
    case Fate::Kind::deferred:
      return "deferred";
    case Fate::Kind::bounced:
      return "bounced";
    case Fate::Kind::expired:
      return "expired";
  }
  return "deferred";
}

Fate judge(const store::Claim& claim, const Report& report, const Schedule& schedule,
           std::chrono::system_clock::time_point now) {
  if (report.isDelivered()) return {Fate::Kind::delivered};
  if (report.reply.isPermanent()) return {Fate::Kind::bounced};
  const auto nextAt = schedule.next(claim.attempts, now, claim.message.expiresAt);
  if (!nextAt) return {Fate::Kind::expired};
  return {Fate::Kind::deferred, *nextAt};
}

}  // namespace posthouse::relayd
