#include "base/base64.h"

#include <catch2/catch.hpp>

using namespace posthouse;

TEST_CASE("base 64 of RFC 4648 section 10, both ways", "[base]") {
  const auto [octets, text] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {std::string("\0a\0\xff", 4), "AGEA/w=="},
  }));
  CHECK(base64::encode(octets) == text);
  CHECK(base64::decode(text) == octets);
}

TEST_CASE("what is not canonical base 64 is refused", "[base]") {
  const std::string text =
      GENERATE("Z", "Zg=", "Zg===", "Zh==", "Zm9=", "Z=g=", "Zm9v\r\n", "Zm 9", "====", "Zg==Zg==");
  CAPTURE(text);
  CHECK_FALSE(base64::decode(text));
}
