#include "sasl/anonymous.h"

#include <catch2/catch.hpp>

#include "base/base64.h"

using namespace posthouse;
using namespace posthouse::sasl;
using namespace std::string_literals;

TEST_CASE("ANONYMOUS reads the example of RFC 4505", "[sasl]") {
  CHECK(parseAnonymous(*base64::decode("c2lyaGM=")) == "sirhc");
}

TEST_CASE("ANONYMOUS: a trace is an address or a text", "[sasl]") {
  const auto [trace, isTrace] = GENERATE(table<std::string, bool>({
      {"", true},
      {"sirhc@example.org", true},
      {"\"si@rhc\"@example.org", true},
      {"Mr. \xC3\xA9 \xF0\x9F\x93\xAE", true},
      {"@", false},
      {"@example.org", false},
      {"sirhc@", false},
      {"a@b@", false},
      {"sirhc\n", false},
      {"sir\0hc"s, false},
      {"sir\x7Fhc", false},
      {"\x1B[2J", false},
      {"\xFF", false},
      {"\xC0\xAF", false},
      {"\xC2\x9F", false},          // U+009F, a control
      {"\xC2\xA0", true},           // U+00A0, a space
      {"\xCD\x80", false},          // U+0340
      {"\xE2\x80\xAE", false},      // U+202E, turns the direction around
      {"\xE2\x80\x8B", true},       // U+200B is in none of the tables
      {"\xEE\x80\x80", false},      // U+E000, private
      {"\xEF\xB7\x90", false},      // U+FDD0, no character
      {"\xEF\xBF\xBD", false},      // U+FFFD
      {"\xEF\xBF\xBF", false},      // U+FFFF
      {"\xED\xA0\x80", false},      // a surrogate
      {"\xF0\x9D\x85\xB3", false},  // U+1D173
      {"\xF0\x9F\xBF\xBE", false},  // U+1FFFE
      {"\xF3\xA0\x80\xA1", false},  // U+E0021, a tag
      {"\xF3\xA0\x84\x80", true},   // U+E0100
      {"\xF4\x8F\xBF\xBD", false},  // U+10FFFD, private
      {"\xF4\x90\x80\x80", false},  // beyond Unicode
  }));
  CAPTURE(trace);
  const auto parsed = parseAnonymous(trace);
  REQUIRE(parsed.has_value() == isTrace);
  if (isTrace) CHECK(*parsed == trace);
}

TEST_CASE("ANONYMOUS: a trace has 255 characters at most, however long they are", "[sasl]") {
  const std::string character = GENERATE("x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x93\xAE");
  std::string trace;
  for (int i = 0; i < 255; ++i) trace += character;
  CHECK(parseAnonymous(trace) == trace);
  CHECK_FALSE(parseAnonymous(trace + "x"));
}
