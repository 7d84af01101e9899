#include "crypto/sealing_keys.h"

#include <catch2/catch.hpp>

using namespace posthouse::crypto;

namespace {

constexpr const char* kOld = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
constexpr const char* kNew = "/////////////////////////////////////////w8=";

SealingKeys keys(const std::string& text) {
  auto parsed = SealingKeys::parse(text);
  REQUIRE(parsed);
  return *std::move(parsed);
}

}  // namespace

TEST_CASE("what was sealed is opened by the same key in the same context only", "[crypto]") {
  const SealingKeys old = keys(kOld);
  const std::string secret = std::string("tanstaaf\0\xff", 10);
  const std::string sealed = old.seal(secret, "apop alice@mail.test");
  CHECK(old.open(sealed, "apop alice@mail.test") == secret);
  CHECK(old.open(old.seal("", "x"), "x") == "");
  CHECK_FALSE(old.open(sealed, "apop bob@mail.test"));
  CHECK_FALSE(keys(kNew).open(sealed, "apop alice@mail.test"));
  CHECK_FALSE(SealingKeys().open(sealed, "apop alice@mail.test"));
  CHECK(sealed != old.seal(secret, "apop alice@mail.test"));
  CHECK(sealed.find("tanstaaf") == sealed.npos);
}

TEST_CASE("nothing that was altered or cut is opened", "[crypto]") {
  const SealingKeys one = keys(kOld);
  const std::string sealed = one.seal("tanstaaf", "x");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string altered = sealed;
    altered[i] ^= 1;
    CHECK_FALSE(one.open(altered, "x"));
    CHECK_FALSE(one.open(sealed.substr(0, i), "x"));
  }
}

TEST_CASE("a new key stands before the old one", "[crypto]") {
  const std::string sealed = keys(kOld).seal("tanstaaf", "x");
  const SealingKeys both = keys(std::string(kNew) + "\n " + kOld + "\n");
  CHECK(both.open(sealed, "x") == "tanstaaf");
  CHECK(both.isOutdated(sealed));
  const std::string again = both.seal("tanstaaf", "x");
  CHECK_FALSE(both.isOutdated(again));
  CHECK(keys(kNew).open(again, "x") == "tanstaaf");
}

TEST_CASE("what is no key is told without showing it", "[crypto]") {
  CHECK(keys("").empty());
  CHECK(keys(" \n").empty());
  for (const std::string text : {"c2hvcnQ=", "not base 64", "AAAA"}) {
    const auto parsed = SealingKeys::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().find(text) == std::string::npos);
  }
  CHECK_FALSE(SealingKeys::parse(std::string(kOld) + " " + kOld));
}
