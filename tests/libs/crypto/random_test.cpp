#include "crypto/random.h"

#include <catch2/catch.hpp>
#include <set>

#include "crypto/secret.h"

using namespace posthouse::crypto;

TEST_CASE("random octets are as many as asked for and differ", "[crypto]") {
  CHECK(randomOctets(0).empty());
  CHECK(randomOctets(33).size() == 33);
  CHECK(randomOctets(32) != randomOctets(32));
}

TEST_CASE("a token is a word that needs no quoting anywhere", "[crypto]") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string token = randomToken();
    CHECK(token.size() == 22);  // 16 octets, 6 bits a character
    CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == token.npos);
    seen.insert(token);
  }
  CHECK(seen.size() == 100);
}

TEST_CASE("a random number stays below its bound", "[crypto]") {
  for (int i = 0; i < 100; ++i) CHECK(randomBelow(3) < 3);
  CHECK(randomBelow(1) == 0);
}

TEST_CASE("comparison in constant time compares", "[crypto]") {
  CHECK(equalInConstantTime("", ""));
  CHECK(equalInConstantTime("abc", "abc"));
  CHECK_FALSE(equalInConstantTime("abc", "abd"));
  CHECK_FALSE(equalInConstantTime("abc", "ab"));
}

TEST_CASE("a wiped secret is empty", "[crypto]") {
  std::string secret = "correct horse battery staple";
  wipe(secret);
  CHECK(secret.empty());
}
