#include "base/base64url.h"

#include <catch2/catch.hpp>

using namespace posthouse;

TEST_CASE("base 64 for URLs has no padding, both ways", "[base]") {
  const auto [octets, text] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"f", "Zg"},
      {"fo", "Zm8"},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg"},
      {"\x03\xec\xff\xe0\xc1", "A-z_4ME"},  // RFC 7515 appendix C
  }));
  CHECK(base64url::encode(octets) == text);
  CHECK(base64url::decode(text) == octets);
}

TEST_CASE("what is not canonical base 64 for URLs is refused", "[base]") {
  const std::string text = GENERATE(as<std::string>{}, "Z", "Zg==", "Zg=", "Zh", "Zm9", "A+z/4ME", "Zm9vY", "Zm 9",
                                    "Zm9v\n", std::string("Zm9\0", 4));
  CAPTURE(text);
  CHECK_FALSE(base64url::decode(text));
}
