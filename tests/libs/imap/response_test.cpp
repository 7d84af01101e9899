#include "imap/response.h"

#include <catch2/catch.hpp>

using namespace posthouse::imap;

TEST_CASE("a string is quoted where it can be and a literal otherwise", "[imap]") {
  const auto print = [](std::string_view octets) {
    std::string out;
    appendString(out, octets);
    return out;
  };
  CHECK(print("") == "\"\"");
  CHECK(print(R"(a"b\)") == R"("a\"b\\")");
  CHECK(print("a\r\n") == "{3}\r\na\r\n");
  CHECK(print("\xc3\xa4") == "{2}\r\n\xc3\xa4");
  CHECK(print(std::string(2000, 'x')).starts_with("{2000}\r\n"));
}

TEST_CASE("atoms and mailbox names", "[imap]") {
  std::string out;
  appendAstring(out, "From");
  appendAstring(out, "a b");
  appendMailbox(out, "Entwürfe");
  CHECK(out == "From\"a b\"\"Entw&APw-rfe\"");
}

TEST_CASE("a reply is one line whatever its text", "[imap]") {
  CHECK(toLine("a1", Reply::ok("READ-WRITE", "SELECT completed")) == "a1 OK [READ-WRITE] SELECT completed\r\n");
  CHECK(toLine("*", Reply::bad("a\r\nb")) == "* BAD a  b\r\n");
  CHECK(toLine("t", Reply::no("")) == "t NO done\r\n");
}
