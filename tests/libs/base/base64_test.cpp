#include "base/base64.h"

#include <catch2/catch.hpp>

#include "base/base64_groups.h"

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

TEST_CASE("groups of every number of characters are decoded up to the first foreign character", "[base]") {
  std::string octets;
  for (int i = 0; i < 96; ++i) octets += static_cast<char>(i * 89 + 7);
  const std::string text = base64::encode(octets);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    for (std::size_t foreign = 0; foreign <= size; ++foreign) {
      std::string some = text.substr(0, size);
      if (foreign < size) some[foreign] = "=\r-_ \x7f\x80\xff"[foreign % 8];
      std::string decoded(size + base64::kSpare, '\0');
      const std::size_t done = base64::decodeGroups(some, decoded.data());
      REQUIRE(done == std::min(foreign, size) / base64::kGroup * base64::kGroup);
      REQUIRE(decoded.substr(0, done / 4 * 3) == octets.substr(0, done / 4 * 3));
    }
  }
}

TEST_CASE("of all octets the 64 of the alphabet are decoded, at every place", "[base]") {
  for (int c = 0; c < 256; ++c) {
    const bool known = std::isalnum(c) || c == '+' || c == '/';
    for (std::size_t place = 0; place < 64; ++place) {
      std::string text(64, 'A');
      text[place] = static_cast<char>(c);
      std::string decoded(48 + base64::kSpare, '\0');
      const std::size_t done = base64::decodeGroups(text, decoded.data());
      CAPTURE(c, place);
      REQUIRE(done == (known ? 64 : place / 4 * 4));
      if (known) REQUIRE(base64::encode(std::string_view(decoded).substr(0, 48)) == text);
    }
  }
}

TEST_CASE("groups of every number of octets are encoded, each value at every place", "[base]") {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t shift = 0; shift < kAlphabet.size(); ++shift) {
    std::string text, octets;
    for (std::size_t i = 0; i < 160; i += 4) {  // four characters after the other: three octets
      std::uint32_t group = 0;
      for (std::size_t place = i; place < i + 4; ++place) {
        const std::size_t value = (place * 7 + shift) % kAlphabet.size();
        text += kAlphabet[value];
        group = group << 6 | static_cast<std::uint32_t>(value);
      }
      for (const int bits : {16, 8, 0}) octets += static_cast<char>(group >> bits);
    }
    for (std::size_t groups = 0; groups <= text.size() / 4; ++groups) {
      CAPTURE(shift, groups);
      REQUIRE(base64::encode(octets.substr(0, groups * 3)) == text.substr(0, groups * 4));
    }
  }
}
