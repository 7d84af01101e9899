#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "report.h"
#include "schedule.h"
#include "store/queue_repository.h"

namespace posthouse::relayd {

/// What a report means for a recipient.
struct Fate {
  enum class Kind { delivered, deferred, bounced, expired } kind;
  std::chrono::system_clock::time_point nextAt = {};  // of deferred
};

/// As logs and metrics name it: "delivered" …
std::string_view nameOf(Fate::Kind kind);

Fate judge(const store::Claim& claim, const Report& report, const Schedule& schedule,
           std::chrono::system_clock::time_point now);

}  // namespace posthouse::relayd
