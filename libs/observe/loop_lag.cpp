#include "observe/loop_lag.h"

#include "observe/buckets.h"

namespace posthouse::observe {

Task<> measureLoopLag(net::Loop& loop, prometheus::Registry& registry, std::stop_token stop) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kInterval{100};
  auto& lag = prometheus::BuildHistogram()
                  .Name("posthouse_event_loop_lag_seconds")
                  .Help("Delay of a 100 ms timer on the event loop.")
                  .Register(registry)
                  .Add({{"loop", "main"}}, fastBuckets());
  try {
    for (;;) {
      const auto due = Clock::now() + kInterval;
      co_await loop.sleep(kInterval, stop);
      lag.Observe(std::max(0.0, std::chrono::duration<double>(Clock::now() - due).count()));
    }
  } catch (const net::Interrupted&) {  // the program ends
  }
}

}  // namespace posthouse::observe
