#include "base/percent.h"

#include <catch2/catch.hpp>

using namespace posthouse;

TEST_CASE("what may stand in every part of a URI stays, the rest is its octets", "[base]") {
  CHECK(percentEncoded("") == "");
  CHECK(percentEncoded("AZaz09-._~") == "AZaz09-._~");
  CHECK(percentEncoded("a b+c@d/\xC3\xAB%") == "a%20b%2Bc%40d%2F%C3%AB%25");
  CHECK(percentEncoded(std::string_view("\0\x7f\xff", 3)) == "%00%7F%FF");
}
