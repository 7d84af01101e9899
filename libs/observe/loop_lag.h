#pragma once
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <stop_token>

#include "async/task.h"
#include "net/loop.h"

namespace posthouse::observe {

/// How late a timer of 100 ms is: posthouse_event_loop_lag_seconds. What blocks the loop shows here first. Ends with
/// the token.
Task<> measureLoopLag(net::Loop& loop, prometheus::Registry& registry, std::stop_token stop);

}  // namespace posthouse::observe
