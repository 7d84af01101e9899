#include "base/cursor.h"

#include <catch2/catch.hpp>

using posthouse::Cursor;
using posthouse::SyntaxError;

TEST_CASE("a literal matches letters of either case", "[base]") {
  Cursor in("fRoM:<x>");
  CHECK(in.take("FROM:"));
  CHECK_FALSE(in.take("from:"));
  CHECK(in.rest() == "<x>");
  CHECK(in.position() == 5);
}

TEST_CASE("a number that does not fit is an error, not a wrap", "[base]") {
  Cursor in("4294967296");
  CHECK_THROWS_AS(in.number<std::uint32_t>(), SyntaxError);
  CHECK(Cursor("4294967295 ").number<std::uint32_t>() == 4294967295u);
  Cursor none("x");
  CHECK_THROWS_AS(none.number<std::uint32_t>(), SyntaxError);
}

TEST_CASE("octets beyond the end are an error", "[base]") {
  Cursor in("abc");
  CHECK(in.takeOctets(3) == "abc");
  CHECK(in.atEnd());
  CHECK_THROWS_AS(in.takeOctets(1), SyntaxError);
}
