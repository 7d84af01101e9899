#include "db/backoff.h"

#include <catch2/catch.hpp>
#include <set>

using namespace posthouse;
using namespace std::chrono_literals;
using db::Backoff;

TEST_CASE("who is refused stays away twice as long each time, up to a second, and half of it is chance", "[db]") {
  std::minstd_rand random(GENERATE(1U, 2U, 3U));
  Backoff backoff;
  for (auto whole : {20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1000ms, 1000ms, 1000ms}) {
    const Backoff::Duration pause = backoff.next(random);
    CAPTURE(whole.count(), pause.count());
    CHECK(pause >= whole / 2);
    CHECK(pause <= whole);
  }
  backoff.reset();
  CHECK(backoff.next(random) <= 20ms);
}

TEST_CASE("those who are refused together do not come back together", "[db]") {
  std::set<Backoff::Duration> pauses;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::minstd_rand random(seed * 7919);
    pauses.insert(Backoff().next(random));
  }
  CHECK(pauses.size() > 15);
}

TEST_CASE("the pause after a lost conflict grows with the attempts and stays within its bounds", "[db]") {
  std::minstd_rand random(1);
  for (int attempt = 1; attempt <= 8; ++attempt) {
    for (int i = 0; i < 100; ++i) {
      const Backoff::Duration pause = db::pauseBefore(attempt, random);
      CHECK(pause >= 200us);
      CHECK(pause <= 2ms * attempt);
    }
  }
}
