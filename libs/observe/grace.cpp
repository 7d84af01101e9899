#include "observe/grace.h"

#include <utility>

namespace posthouse::observe {

Readiness::Check afterGrace(Readiness::Check check, std::chrono::milliseconds grace, MonotonicClock clock) {
  struct State {
    bool wasWell = false;
    std::optional<std::chrono::steady_clock::time_point> since;
  };
  return [check = std::move(check), grace, clock = std::move(clock),
          state = State{}]() mutable -> std::optional<std::string> {
    const auto objection = check();
    if (!objection) {
      state = {.wasWell = true, .since = std::nullopt};
      return std::nullopt;
    }
    const auto now = clock();
    if (!state.since) state.since = now;
    if (state.wasWell && now - *state.since < grace) return std::nullopt;
    return objection;
  };
}

}  // namespace posthouse::observe
