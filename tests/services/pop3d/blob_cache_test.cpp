#include "blob_cache.h"

#include <catch2/catch.hpp>

#include "support/series.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using store::BlobId;

namespace {

constexpr std::size_t kSize = 10'000;  // of a body

BlobId named(int number) {
  return BlobId::of(std::to_string(number));
}

std::string body(int number, std::size_t size = kSize) {
  return std::string(size, static_cast<char>('0' + number));
}

struct Stage {
  explicit Stage(std::size_t octets) : cache(octets, registry) {}

  bool has(int number) {
    const std::string* octets = cache.find(named(number));
    if (octets != nullptr) CHECK(*octets == body(number));
    return octets != nullptr;
  }

  prometheus::Registry registry;
  BlobCache cache;
};

}  // namespace

SCENARIO("bodies make room for others when nobody has asked for them the longest", "[pop3d]") {
  Stage stage(3 * kSize + kSize / 2);
  for (int number = 1; number <= 3; ++number) stage.cache.add(named(number), body(number));
  CHECK(stage.has(2));
  CHECK(stage.has(1));
  stage.cache.add(named(4), body(4));
  CHECK(stage.has(1));
  CHECK(stage.has(2));
  CHECK_FALSE(stage.has(3));
  CHECK(stage.has(4));
}

SCENARIO("the cache takes no more memory than it may", "[pop3d]") {
  Stage stage(3 * kSize + kSize / 2);
  for (int number = 0; number < 10; ++number) {
    stage.cache.add(named(number), body(number));
    stage.cache.add(named(number), body(number));  // of two who asked at once
    CHECK(test::valueOf(stage.registry, "posthouse_pop3_body_cache_bytes") <= 3 * kSize + kSize / 2);
  }
  CHECK(test::valueOf(stage.registry, "posthouse_pop3_body_cache_bytes") >= 3 * kSize);

  WHEN("a body is larger than all of it") {
    stage.cache.add(named(10), body(0, 4 * kSize));
    THEN("it takes nobody's place") {
      CHECK_FALSE(stage.has(10));
      CHECK(stage.has(7));
      CHECK(stage.has(9));
    }
  }
}

SCENARIO("a cache without memory holds nothing", "[pop3d]") {
  Stage stage(0);
  stage.cache.add(named(1), "");
  CHECK_FALSE(stage.has(1));
}
