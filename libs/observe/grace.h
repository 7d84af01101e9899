#pragma once
#include <chrono>

#include "base/clock.h"
#include "observe/readiness.h"

namespace posthouse::observe {

/// Lets an objection count only once it has lasted for `grace`: for what fails for a moment everywhere at once, as a
/// database does while another takes over, when to be unready would take every replica out of the balancer. Before the
/// first time that all was well, there is no grace.
Readiness::Check afterGrace(Readiness::Check check, std::chrono::milliseconds grace, MonotonicClock clock);

}  // namespace posthouse::observe
