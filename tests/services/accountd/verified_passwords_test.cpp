#include "logins/verified_passwords.h"

#include <catch2/catch.hpp>

using namespace posthouse::accountd;
using namespace std::chrono_literals;

TEST_CASE("a password is known for a while, and for one hash only", "[accountd]") {
  std::chrono::steady_clock::time_point now;
  VerifiedPasswords verified(100, 5min, [&] { return now; });
  CHECK_FALSE(verified.knows("secret", "$hash1"));
  verified.remember("secret", "$hash1");
  CHECK(verified.knows("secret", "$hash1"));
  CHECK_FALSE(verified.knows("Secret", "$hash1"));
  CHECK_FALSE(verified.knows("secret", "$hash2"));  // the password was changed, to whatever
  CHECK_FALSE(verified.knows("1secret", "$hash"));
  now += 5min;
  CHECK_FALSE(verified.knows("secret", "$hash1"));
  CHECK(verified.size() == 0);
}

TEST_CASE("the memory of passwords is bounded: the oldest goes first", "[accountd]") {
  std::chrono::steady_clock::time_point now;
  VerifiedPasswords verified(2, 5min, [&] { return now; });
  verified.remember("a", "$1");
  verified.remember("b", "$2");
  verified.remember("a", "$1");  // again: now b is the oldest
  verified.remember("c", "$3");
  CHECK(verified.size() == 2);
  CHECK(verified.knows("a", "$1"));
  CHECK_FALSE(verified.knows("b", "$2"));
  CHECK(verified.knows("c", "$3"));
}

TEST_CASE("without a lifetime or room nothing is remembered", "[accountd]") {
  VerifiedPasswords noTime(10, 0s);
  noTime.remember("a", "$1");
  CHECK_FALSE(noTime.knows("a", "$1"));
  VerifiedPasswords noRoom(0, 5min);
  noRoom.remember("a", "$1");
  CHECK_FALSE(noRoom.knows("a", "$1"));
}
