#include "slice_pace.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::imapd;
using namespace std::chrono_literals;

namespace {

struct Paced {
  std::chrono::steady_clock::time_point now{1000h};
  net::Loop loop;
  SlicePace pace{loop, [this] { return now; }};

  /// What follows a slice that took so long.
  std::chrono::milliseconds after(std::chrono::milliseconds took, std::size_t messages = 2000) {
    pace.begin();
    now += took;
    return pace.nextPause(messages);
  }
};

}  // namespace

TEST_CASE("the first slices follow each other at once, the others after a rest of what they took", "[imapd]") {
  Paced paced;
  for (int i = 0; i < 3; ++i) CHECK(paced.after(20ms) == 0ms);
  CHECK(paced.after(20ms) == 60ms);
  CHECK(paced.after(10s) == 500ms);
}

TEST_CASE("many commands of a few slices are paced as one of many", "[imapd]") {
  Paced paced;
  for (int i = 0; i < 4; ++i) {
    paced.after(20ms);
    paced.loop.runUntilDone(paced.pace.rest(1));
    paced.now += 4s;
  }
  CHECK(paced.after(20ms) == 60ms);
  paced.loop.runUntilDone(paced.pace.rest(1));
  paced.now += 6s;
  CHECK(paced.after(20ms) == 0ms);
}

TEST_CASE("a command on a few messages has no rest", "[imapd]") {
  Paced paced;
  for (int i = 0; i < 100; ++i) CHECK(paced.after(20ms, 1) == 0ms);
}
