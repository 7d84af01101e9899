#include "ldap/person.h"

#include <catch2/catch.hpp>

#include "ldap/cache.h"

using namespace posthouse::accountd::ldap;
using namespace std::chrono_literals;

TEST_CASE("quotas of several directories", "[accountd][ldap]") {
  const auto [text, unit, octets] = GENERATE(table<std::string, std::int64_t, std::int64_t>({
      {"1000", 1, 1000},
      {"1000", 1024, 1'024'000},
      {"0", 1024, 0},
      {"500B", 1024, 500},
      {"2M", 1, 2 << 20},
      {"2m", 1, 2 << 20},
      {"2MB", 1, 2 << 20},
      {"2MiB", 1, 2 << 20},
      {"3G", 1, 3LL << 30},
      {"1T", 1, 1LL << 40},
      {"1000000S", 1024, 1'000'000},  // Maildir++
      {"1000000S,500C", 1024, 1'000'000},
  }));
  CAPTURE(text);
  CHECK(parseQuota(text, unit) == octets);
}

TEST_CASE("what is no quota is none", "[accountd][ldap]") {
  const std::string text = GENERATE(as<std::string>{}, "", "x", "-1", "M", "1X", "1MX", "1 M", "1M ", "1S500C",
                                    "99999999999999999999", "9223372036854775808", "99999999T", "unlimited");
  CAPTURE(text);
  CHECK_FALSE(parseQuota(text, 1));
}

namespace {
using Numbers = Cache<int>;
struct Clocked {
  std::chrono::steady_clock::time_point now{};
  Numbers cache{2, [this] { return now; }};
};
}  // namespace

TEST_CASE("what is remembered knows its age", "[accountd][ldap]") {
  Clocked one;
  CHECK_FALSE(one.cache.find("a"));
  one.cache.learn("a", 1, Numbers::Kind::somebody);
  one.now += 5s;
  REQUIRE(one.cache.find("a"));
  CHECK(one.cache.find("a")->age == 5s);
  one.cache.learn("a", 2, Numbers::Kind::nobody);
  CHECK(one.cache.find("a")->value == 2);
  CHECK(one.cache.find("a")->age == 0s);
  CHECK(one.cache.size() == 1);
}

TEST_CASE("what is remembered is bounded, and names of nobody do not drive out somebody", "[accountd][ldap]") {
  Clocked one;
  one.cache.learn("somebody", 1, Numbers::Kind::somebody);
  for (int i = 0; i < 100; ++i) one.cache.learn(std::to_string(i), i, Numbers::Kind::nobody);
  CHECK(one.cache.size() == 3);
  CHECK(one.cache.find("somebody"));
  CHECK(one.cache.find("99"));
  CHECK_FALSE(one.cache.find("97"));
  one.cache.learn("b", 2, Numbers::Kind::somebody);
  one.cache.learn("somebody", 3, Numbers::Kind::somebody);  // is the youngest now
  one.cache.learn("c", 4, Numbers::Kind::somebody);
  CHECK(one.cache.find("somebody"));
  CHECK_FALSE(one.cache.find("b"));
}
