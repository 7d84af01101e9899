#include "sasl/external.h"

#include <catch2/catch.hpp>

using namespace posthouse::sasl;
using namespace std::string_literals;

TEST_CASE("EXTERNAL reads the examples of RFC 4422", "[sasl]") {
  CHECK(parseExternal("") == "");
  CHECK(parseExternal("fred@example.com") == "fred@example.com");
}

TEST_CASE("EXTERNAL: an identity is UTF-8 without NUL, and has an end", "[sasl]") {
  CHECK(parseExternal("fr\xC3\xA9"s + "d, =") == "fr\xC3\xA9"s + "d, =");
  CHECK(parseExternal(std::string(kMaxExternal, 'x')));
  CHECK_FALSE(parseExternal(std::string(kMaxExternal + 1, 'x')));
  CHECK_FALSE(parseExternal("fred\0"s));
  CHECK_FALSE(parseExternal("\0"s));
  CHECK_FALSE(parseExternal("fr\xFF"s + "d"));
  CHECK_FALSE(parseExternal("\xC0\x80"));
}
