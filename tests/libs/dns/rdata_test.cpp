#include "dns/rdata.h"

#include <catch2/catch.hpp>

using namespace posthouse::dns;
using namespace std::string_literals;

TEST_CASE("addresses are exactly as long as they are", "[dns]") {
  CHECK(parseA("\xc0\x00\x02\x01"s) == "192.0.2.1");
  CHECK_FALSE(parseA("\xc0\x00\x02"s));
  CHECK_FALSE(parseA("\xc0\x00\x02\x01\x01"s));
  CHECK(parseAaaa("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s) == "2001:db8::1");
  CHECK_FALSE(parseAaaa("\xc0\x00\x02\x01"s));
  CHECK_FALSE(parseA(""));
}

TEST_CASE("MX is a preference and a name", "[dns]") {
  const auto [rdata, expected] = GENERATE(table<std::string, std::optional<Mx>>({
      {"\0\x0a\x02mx\x07"
       "Example\0"s,
       Mx{10, "mx.example"}},
      {"\x01\x02\0"s, Mx{258, ""}},  // the root: no mail
      {"\0\x0a\x02mx\x07"
       "Exam"s,
       std::nullopt},
      {"\0\x0a\x02mx"s, std::nullopt},
      {"\0\x0a\x02mx\0x"s, std::nullopt},  // something after the name
      {"\0\x0a\xc0\x0c"s, std::nullopt},   // compressed
      {"\0"s, std::nullopt},
      {""s, std::nullopt},
  }));
  CHECK(parseMx(rdata) == expected);
}

TEST_CASE("TXT joins its character-strings", "[dns]") {
  CHECK(parseTxt("\x0bv=spf1 ip4:\x09"
                 "192.0.2.1"s) == "v=spf1 ip4:192.0.2.1");
  CHECK(parseTxt("\0"s) == "");
  CHECK_FALSE(parseTxt(""));
  CHECK_FALSE(parseTxt("\x05x"s));
}

TEST_CASE("a name holds no surprises", "[dns]") {
  CHECK(parseName("\x04MAIL\x07"
                  "example\0"s) == "mail.example");
  CHECK(parseName("\x05"
                  "a.b\r\n\x03net\0"s) == "a\\046b\\013\\010.net");
  CHECK_FALSE(parseName(""));
  std::string longest;
  for (int i = 0; i < 4; ++i) longest += '\x3f' + std::string(63, 'a');
  CHECK_FALSE(parseName(longest + '\0'));
}
