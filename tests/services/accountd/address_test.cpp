#include "directory/address.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "directory/prepare.h"

using namespace posthouse::accountd;

TEST_CASE("an address has one spelling", "[accountd]") {
  const auto [text, stored] = GENERATE(table<std::string, std::string>({
      {"alice@mail.test", "alice@mail.test"},
      {"Alice@MAIL.Test", "alice@mail.test"},
      {"\"alice\"@mail.test", "alice@mail.test"},
      {"\"al\\ice\"@mail.test", "alice@mail.test"},
      {"a.b+c@mail.test", "a.b+c@mail.test"},
      {"\"a b\"@mail.test", "\"a b\"@mail.test"},
      {"\"a\\\"b@c\"@mail.test", "\"a\\\"b@c\"@mail.test"},
      {"GRÜN@mail.test", "grün@mail.test"},
      {"gru\u0308n@mail.test", "grün@mail.test"},               // decomposed
      {"alice@BÜCHER.example", "alice@xn--bcher-kva.example"},  // RFC 5891
      {"alice@XN--BCHER-KVA.example", "alice@xn--bcher-kva.example"},
      {"alice@faß.example", "alice@xn--fa-hia.example"},  // not transitional
      {"alice@localhost", "alice@localhost"},
  }));
  CAPTURE(text);
  const auto address = parseAddress(text);
  REQUIRE(address);
  CHECK(address->text() == stored);
  CHECK(parseAddress(address->text()) == address);
}

TEST_CASE("what is no address is refused", "[accountd]") {
  const std::string text = GENERATE(
      as<std::string>{}, "", "@", "alice", "alice@", "@mail.test", "alice@@mail.test", "a b@mail.test", ".a@mail.test",
      "a.@mail.test", "a..b@mail.test", "alice@mail..test", "alice@-mail.test", "alice@mail-.test", "alice@mail_x.test",
      "alice@[127.0.0.1]", "alice@mail.test ", "<alice@mail.test>", "alice@mail.test\r\n", "\"alice@mail.test",
      "\"\"@mail.test", "alice\x01@mail.test", "\"al\nice\"@mail.test", "\xff@mail.test", "alice@\xff.test",
      std::string("alice@mail.test\0x", 17), std::string("al\0ice@mail.test", 16), std::string(65, 'a') + "@mail.test",
      "a@" + std::string(64, 'b') + ".test", "a@" + std::string(5000, 'b'), "\"a\\");
  CAPTURE(text);
  CHECK_FALSE(parseAddress(text));
}

TEST_CASE("the detail is what follows the first separator", "[accountd]") {
  CHECK(parseAddress("alice+list+x@mail.test")->withoutDetail("+")->text() == "alice@mail.test");
  CHECK(parseAddress("alice+@mail.test")->withoutDetail("+")->text() == "alice@mail.test");
  CHECK(parseAddress("alice-list+x@mail.test")->withoutDetail("+-")->text() == "alice@mail.test");
  CHECK_FALSE(parseAddress("alice@mail.test")->withoutDetail("+"));
  CHECK_FALSE(parseAddress("+list@mail.test")->withoutDetail("+"));
  CHECK_FALSE(parseAddress("\u079E\u0663#+\u0663@mail.test")
                  ->withoutDetail("+"));  // what ends in "#" is no name from right to left
  CHECK_FALSE(parseAddress("alice+list@mail.test")->withoutDetail(""));
}

TEST_CASE("names are prepared as RFC 8265 says", "[accountd]") {
  const auto [name, prepared] = GENERATE(table<std::string, std::optional<std::string>>({
      // The examples of §3.6, tables 1 and 2, without their domains. ASCII is left to the address.
      {"juliet", "juliet"},
      {"fussball", "fussball"},
      {"fu\u00DFball", "fu\u00DFball"},
      {"\u03C0", "\u03C0"},
      {"\u03A3", "\u03C3"},
      {"\u03C3", "\u03C3"},
      {"\u03C2", "\u03C2"},
      {"henry\u2163", std::nullopt},  // ROMAN NUMERAL FOUR
      {"\u265A", std::nullopt},       // BLACK CHESS KING
      {"\u00E9 foo", std::nullopt},
      // Width, case, composition.
      {"\uFF21\uFF4C\uFF49\uFF43\uFF45", "alice"},
      {"\uFF76\uFF9E", "\u30AC"},  // halfwidth KA and its voiced mark
      {"GRU\u0308N", "gr\u00FCn"},
      {"\u212Bngstrom", std::nullopt},  // ANGSTROM SIGN has a compatibility equivalent
      {"\uFB01n", std::nullopt},        // and so has the ligature
      // What nobody sees, and what Unicode does not know.
      {"a\u00ADb", std::nullopt},
      {"a\u200Bb", std::nullopt},
      {"a\u0378", std::nullopt},
      {"a\uE000", std::nullopt},
      {"\u0640\u0645", std::nullopt},  // Arabic tatweel
      {"\u1100\u1161", std::nullopt},  // conjoining jamo
      // In context, RFC 5892 appendix A.
      {"l\u00B7l", "l\u00B7l"},
      {"a\u00B7l", std::nullopt},
      {"\u0915\u094D\u200D\u0937", "\u0915\u094D\u200D\u0937"},
      {"\u0915\u200D\u0937", std::nullopt},
      {"\u0628\u200C\u0628", "\u0628\u200C\u0628"},
      {"\u0375\u03B1", "\u0375\u03B1"},
      {"\u0375a", std::nullopt},
      {"\u05D0\u05F3", "\u05D0\u05F3"},
      {"\u30AB\u30FB", "\u30AB\u30FB"},
      {"\u00E9\u30FB", std::nullopt},
      {"\u0628\u0661", "\u0628\u0661"},
      {"\u0628\u0661\u06F1", std::nullopt},
      // The Bidi Rule, RFC 5893 §2.
      {"\u05D0\u05D1", "\u05D0\u05D1"},
      {"\u05D0a", std::nullopt},
      {"a\u05D0", std::nullopt},
      {"1\u05D0", std::nullopt},
      {"\u05D01", "\u05D01"},
      {"\u05D0.", std::nullopt},
  }));
  CAPTURE(name);
  CHECK(prepareName(name) == prepared);
  if (prepared) CHECK(prepareName(*prepared) == prepared);
}

TEST_CASE("a password may be any text", "[accountd]") {
  // The examples of RFC 8265 §4.3, and what is no text.
  CHECK(isOpaqueString("correct horse battery staple"));
  CHECK(isOpaqueString("Correct Horse Battery Staple"));
  CHECK(isOpaqueString("\u03C0\u00DF\u00E5"));
  CHECK(isOpaqueString("Jack of \u2666s"));
  CHECK(isOpaqueString("foo\u1680bar"));
  CHECK(preparePassword("foo\u1680bar") == "foo bar");
  CHECK(isOpaqueString("\u2163 \u265A"));
  CHECK_FALSE(isOpaqueString(""));
  CHECK_FALSE(isOpaqueString("my cat is a \u0009by"));
  CHECK_FALSE(isOpaqueString("a\x7f"));
  CHECK_FALSE(isOpaqueString("\xff\xfe"));
  CHECK_FALSE(isOpaqueString("a\u0378"));
}

TEST_CASE("passwords are one whatever the keyboard composes", "[accountd]") {
  CHECK(preparePassword("Correct Horse") == "Correct Horse");
  CHECK(preparePassword("gru\u0308n") == "grün");
  CHECK(preparePassword("a\u3000b\u00a0c") == "a b c");
  CHECK(preparePassword("\xff\xfe") == "\xff\xfe");
  CHECK(preparePassword(std::string("a\0b", 3)) == std::string("a\0b", 3));
  CHECK(prepareName("\xc3") == std::nullopt);
}
