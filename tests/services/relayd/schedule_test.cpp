#include "schedule.h"

#include <catch2/catch.hpp>

#include "fate.h"

using namespace posthouse;
using namespace posthouse::relayd;
using namespace std::chrono_literals;

namespace {

const Schedule::TimePoint kNow{1'000'000s};
const Schedule kSchedule({5min, 10min, 1h});

store::Claim claimAfter(int attempts, Schedule::TimePoint expiresAt) {
  store::Claim claim;
  claim.attempts = attempts;
  claim.message.expiresAt = expiresAt;
  return claim;
}

}  // namespace

TEST_CASE("pauses grow, and the last one stays", "[relayd]") {
  const auto [attempts, pause] =
      GENERATE(table<int, std::chrono::minutes>({{1, 5min}, {2, 10min}, {3, 1h}, {4, 1h}, {400, 1h}, {0, 5min}}));
  CHECK(kSchedule.next(attempts, kNow, kNow + 100h) == kNow + pause);
}

TEST_CASE("mail ends with an attempt, not with a wait", "[relayd]") {
  CHECK(kSchedule.next(3, kNow, kNow + 20min) == kNow + 20min);
  CHECK_FALSE(kSchedule.next(3, kNow, kNow));
  CHECK_FALSE(kSchedule.next(3, kNow, kNow - 1s));
}

TEST_CASE("a reply decides what becomes of a recipient", "[relayd]") {
  const auto [code, left, kind] = GENERATE(table<int, std::chrono::minutes, Fate::Kind>({
      {250, 60min, Fate::Kind::delivered},
      {250, 0min, Fate::Kind::delivered},
      {451, 60min, Fate::Kind::deferred},
      {451, 0min, Fate::Kind::expired},
      {550, 60min, Fate::Kind::bounced},
  }));
  CHECK(judge(claimAfter(1, kNow + left), {.reply = smtp::Reply(code, "so")}, kSchedule, kNow).kind == kind);
}
