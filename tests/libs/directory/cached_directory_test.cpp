#include "directory/cached_directory.h"

#include <catch2/catch.hpp>

#include "net/loop.h"
#include "support/fake_directory.h"

using namespace posthouse;
using directory::Resolution;
using namespace std::chrono_literals;

namespace {

struct Cache {
  test::FakeDirectory accountd;
  std::chrono::steady_clock::time_point now{};
  directory::CachedDirectory cached{accountd, {}, [this] { return now; }};
  net::Loop loop;

  Resolution resolve(const std::string& address) { return loop.runUntilDone(cached.resolve(address)); }
};

}  // namespace

TEST_CASE("who was found is asked for again after five minutes", "[directory]") {
  Cache cache;
  cache.accountd.add("alice@mail.test", 7);
  for (int i = 0; i < 3; ++i) CHECK(cache.resolve("alice@mail.test").accounts.front().id == 7);
  CHECK(cache.accountd.asked == 1);
  cache.now += 301s;
  cache.accountd.add("alice@mail.test", 8);
  CHECK(cache.resolve("alice@mail.test").accounts.front().id == 8);
}

TEST_CASE("what turned out to be old is asked for again at once", "[directory]") {
  Cache cache;
  cache.accountd.add("alice@mail.test", 7);
  cache.resolve("alice@mail.test");
  cache.accountd.add("alice@mail.test", 8);
  cache.cached.forget("alice@mail.test");
  cache.cached.forget("nobody@mail.test");
  CHECK(cache.resolve("alice@mail.test").accounts.front().id == 8);
}

TEST_CASE("a new account works within seconds", "[directory]") {
  Cache cache;
  cache.accountd.add("alice@mail.test", 7);
  CHECK(cache.resolve("bob@mail.test").result == Resolution::Result::noSuchAddress);
  cache.accountd.add("bob@mail.test", 8);
  CHECK(cache.resolve("bob@mail.test").result == Resolution::Result::noSuchAddress);
  cache.now += 11s;
  CHECK(cache.resolve("bob@mail.test").result == Resolution::Result::found);
}

TEST_CASE("while accountd is away, who was found stays found for an hour", "[directory]") {
  Cache cache;
  cache.accountd.add("alice@mail.test", 7);
  cache.resolve("alice@mail.test");
  cache.resolve("eve@mail.test");
  cache.accountd.away = true;
  cache.now += 59min;
  CHECK(cache.resolve("alice@mail.test").result == Resolution::Result::found);
  CHECK_THROWS_AS(cache.resolve("eve@mail.test"), directory::Unavailable);
  CHECK_THROWS_AS(cache.resolve("bob@mail.test"), directory::Unavailable);
  cache.now += 2min;
  CHECK_THROWS_AS(cache.resolve("alice@mail.test"), directory::Unavailable);
}

TEST_CASE("who may send as whom is remembered like who was found", "[directory]") {
  Cache cache;
  const auto may = [&](std::int64_t account, const std::string& address) {
    return cache.loop.runUntilDone(cache.cached.maySendAs(account, address));
  };
  cache.accountd.add("alice@mail.test", 7);
  for (int i = 0; i < 3; ++i) CHECK(may(7, "alice@mail.test"));
  CHECK_FALSE(may(8, "alice@mail.test"));
  CHECK_FALSE(may(8, "alice@mail.test"));
  CHECK(cache.accountd.asked == 2);
  cache.accountd.add("alice@mail.test", 8);  // a right that is new works within seconds
  cache.now += 11s;
  CHECK(may(8, "alice@mail.test"));
  CHECK(may(7, "alice@mail.test"));
  cache.now += 301s;
  CHECK_FALSE(may(7, "alice@mail.test"));
  cache.accountd.away = true;
  cache.now += 30min;
  CHECK(may(8, "alice@mail.test"));
  CHECK_THROWS_AS(may(7, "alice@mail.test"), directory::Unavailable);
}

TEST_CASE("the cache is bounded", "[directory]") {
  Cache cache;
  for (std::size_t i = 0; i <= directory::CachedDirectory::kMostAddresses; ++i)
    cache.resolve(std::to_string(i) + "@x.test");
  const int asked = cache.accountd.asked;
  cache.resolve("1@x.test");
  CHECK(cache.accountd.asked == asked);
  cache.resolve("0@x.test");
  CHECK(cache.accountd.asked == asked + 1);
}
