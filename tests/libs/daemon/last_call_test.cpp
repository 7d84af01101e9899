#include "daemon/last_call.h"

#include <catch2/catch.hpp>

#include "net/hang_up.h"

using namespace posthouse;
using namespace std::chrono_literals;

TEST_CASE("the last call comes a while after the drain has begun", "[daemon]") {
  net::Loop loop;
  daemon::LastCall lastCall(loop, 1ms);
  CHECK_FALSE(lastCall.token().stop_requested());
  lastCall.begin();
  CHECK_THROWS_AS(loop.runUntilDone(loop.sleep(1h, lastCall.token())), net::Interrupted);
  loop.runUntilDone(lastCall.close());
}

TEST_CASE("no last call is waited for when everybody has gone", "[daemon]") {
  net::Loop loop;
  daemon::LastCall lastCall(loop, 1h);
  lastCall.begin();
  loop.runUntilDone(lastCall.close());
  CHECK_FALSE(lastCall.token().stop_requested());
}

TEST_CASE("the last call leaves time for farewells", "[daemon]") {
  CHECK(daemon::LastCall::before(30s) == 22s);
  CHECK(daemon::LastCall::before(2s) == 500ms);
  constexpr auto kLate = 500ms;  // two slots of net::Timeouts
  CHECK(2s - daemon::LastCall::before(2s) >= net::kHangUpAtDrain + kLate + 500ms);
}
