#include "observe/grace.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace std::chrono_literals;

TEST_CASE("what fails for a moment is forgiven, what lasts is not, and nothing is before all was well once",
          "[observe]") {
  std::optional<std::string> said = "not asked yet";
  std::chrono::steady_clock::time_point now{};
  const auto check = observe::afterGrace([&] { return said; }, 30s, [&] { return now; });
  CHECK(check() == "not asked yet");
  now += 1s;
  said.reset();
  CHECK_FALSE(check());

  said = "connection lost";
  now += 10min;
  CHECK_FALSE(check());
  now += 29s;
  CHECK_FALSE(check());
  said.reset();
  CHECK_FALSE(check());
  said = "connection lost";
  now += 1s;
  CHECK_FALSE(check());
  now += 30s;
  CHECK(check() == "connection lost");
  said.reset();
  CHECK_FALSE(check());
}
