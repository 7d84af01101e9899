#include "smtp/mailbox.h"

#include <catch2/catch.hpp>

#include "smtp/xtext.h"

using namespace posthouse::smtp;

TEST_CASE("a mailbox is taken apart", "[smtp]") {
  CHECK(parseMailbox("a.b@x.example") == Mailbox{"a.b", "x.example"});
  CHECK(parseMailbox("\"a b\"@x") == Mailbox{"a b", "x"});
  CHECK(parseMailbox("a@[192.0.2.1]") == Mailbox{"a", "[192.0.2.1]"});
  CHECK_FALSE(parseMailbox(""));
  CHECK_FALSE(parseMailbox("a@x "));
  CHECK_FALSE(parseMailbox("Postmaster"));
  CHECK_FALSE(parseMailbox("\xFF@x"));
  CHECK_FALSE(parseMailbox("\xC0\xAE@x"));  // an overlong dot
}

TEST_CASE("a mailbox is written with the least quoting", "[smtp]") {
  CHECK(Mailbox{"a.b", "x"}.text() == "a.b@x");
  CHECK(Mailbox{"a..b", "x"}.text() == "\"a..b\"@x");
  CHECK(Mailbox{"", "x"}.text() == "\"\"@x");
  CHECK(Mailbox{"a\"\\", "x"}.text() == "\"a\\\"\\\\\"@x");
  CHECK(Mailbox{"Postmaster", ""}.text() == "Postmaster");
}

TEST_CASE("only octets beyond ASCII make a mailbox international", "[smtp]") {
  CHECK(parseMailbox("\xC3\xBC@x")->isInternational());
  CHECK(parseMailbox("u@\xC3\xBC")->isInternational());
  CHECK_FALSE(parseMailbox("u@xn--tda")->isInternational());
}

TEST_CASE("xtext", "[smtp]") {
  CHECK(xtext::encode("e=mc2+ \n@x") == "e+3Dmc2+2B+20+0A@x");
  CHECK(xtext::decode("e+3Dmc2+2B+20+0A@x") == "e=mc2+ \n@x");
  CHECK(xtext::decode("") == "");
  for (const char* bad : {"a b", "a=b", "+", "+4", "+3d", "+G0", "\x7F", "\xC3\xBC"}) {
    CAPTURE(bad);
    CHECK_FALSE(xtext::decode(bad));
  }
}
