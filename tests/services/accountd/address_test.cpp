#include "address.h"

#include <catch2/catch.hpp>

#include "prepare.h"

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
  CHECK_FALSE(parseAddress("alice+list@mail.test")->withoutDetail(""));
}

TEST_CASE("passwords are one whatever the keyboard composes", "[accountd]") {
  CHECK(preparePassword("Correct Horse") == "Correct Horse");
  CHECK(preparePassword("gru\u0308n") == "grün");
  CHECK(preparePassword("a\u3000b\u00a0c") == "a b c");
  CHECK(preparePassword("\xff\xfe") == "\xff\xfe");
  CHECK(preparePassword(std::string("a\0b", 3)) == std::string("a\0b", 3));
  CHECK(prepareName("\xc3") == std::nullopt);
}
