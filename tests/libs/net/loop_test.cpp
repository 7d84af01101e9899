#include "net/loop.h"

#include <catch2/catch.hpp>

#include "async/task_group.h"

using namespace posthouse;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

void work(Clock::duration time) {
  for (const auto end = Clock::now() + time; Clock::now() < end;) continue;
}

}  // namespace

TEST_CASE("a sleep is not shorter because the loop was busy before it", "[net][loop]") {
  net::Loop loop;
  Clock::duration slept{};
  const auto sleepAfterWork = [&]() -> Task<> {
    co_await loop.yield();
    work(30ms);
    const auto began = Clock::now();
    co_await loop.sleep(20ms);
    slept = Clock::now() - began;
  };
  loop.runUntilDone(sleepAfterWork());
  CHECK(slept >= 20ms);
}

TEST_CASE("a sleep is not shorter because others are busy meanwhile", "[net][loop]") {
  net::Loop loop;
  bool isOver = false;
  Clock::duration shortest = 1h;
  const auto sleepOften = [&]() -> Task<> {
    for (int i = 0; i < 20; ++i) {
      work(i * 50us);
      const auto began = Clock::now();
      co_await loop.sleep(1ms);
      shortest = std::min(shortest, Clock::now() - began);
    }
    isOver = true;
  };
  const auto beBusy = [&]() -> Task<> {
    while (!isOver) co_await loop.yield();
  };
  TaskGroup group;
  group.spawn(sleepOften());
  group.spawn(beBusy());
  loop.runUntilDone(group.drained());
  CHECK(shortest >= 1ms);
}

TEST_CASE("who sleeps again and again leaves others their turns", "[net][loop]") {
  net::Loop loop;
  int rounds = 0;
  int roundsBefore = 0;  // until another had his turn
  const auto sleepOften = [&]() -> Task<> {
    for (int i = 0; i < 50; ++i) {
      co_await loop.sleep(10ms);
      if (++rounds == 1) loop.post([&] { roundsBefore = rounds; });
      work(10ms);
    }
  };
  TaskGroup group;
  for (int i = 0; i < 3; ++i) group.spawn(sleepOften());
  loop.runUntilDone(group.drained());
  CHECK(rounds == 150);
  CHECK(roundsBefore < 50);
}
