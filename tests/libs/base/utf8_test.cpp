#include "base/utf8.h"

#include <catch2/catch.hpp>

using posthouse::utf8::isValid;

TEST_CASE("UTF-8 is told from what is not", "[base]") {
  for (const char* good :
       {"", "a", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x93\xAE", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(good);
    CHECK(isValid(good));
  }
  for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xE2\x28\xA1", "\xFF", "a\xC3z"}) {
    CAPTURE(bad);
    CHECK_FALSE(isValid(bad));
  }
}
