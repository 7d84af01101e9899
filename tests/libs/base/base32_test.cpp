#include "base/base32.h"

#include <catch2/catch.hpp>

using namespace posthouse;

TEST_CASE("base 32 writes the examples of RFC 4648", "[base]") {
  const auto [octets, text] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"f", "MY"},
      {"fo", "MZXQ"},
      {"foo", "MZXW6"},
      {"foob", "MZXW6YQ"},
      {"fooba", "MZXW6YTB"},
      {"foobar", "MZXW6YTBOI"},
      {std::string("\xff\x00\xff\x00\xff", 5), "74AP6AH7"},
  }));
  CHECK(base32::encode(octets) == text);
}
