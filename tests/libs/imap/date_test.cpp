#include "imap/date.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::imap;
using namespace std::chrono;

TEST_CASE("dates in SEARCH", "[imap]") {
  const auto read = [](std::string_view text) {
    Cursor in(text);
    return date(in);
  };
  CHECK(read("1-Feb-1994") == year{1994} / 2 / 1);
  CHECK(read("\"29-feb-2024\"") == year{2024} / 2 / 29);
  for (const char* text : {"30-Feb-2024", "1-Foo-1994", "1-Feb-94", "", "\"1-Feb-1994", "0-Feb-1994"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(read(text), SyntaxError);
  }
}

TEST_CASE("dates of messages", "[imap]") {
  const auto read = [](std::string_view text) {
    Cursor in(text);
    return dateTime(in);
  };
  CHECK(toDateTime(read("\"17-Jul-1996 02:44:25 -0700\"")) == "\"17-Jul-1996 09:44:25 +0000\"");
  CHECK(toDateTime(read("\" 1-Jan-2000 00:30:00 +0130\"")) == "\"31-Dec-1999 23:00:00 +0000\"");
  CHECK(toDateTime(read("\" 2-Jan-2000 00:30:00 +0000\"")) == "\" 2-Jan-2000 00:30:00 +0000\"");
  for (const char* text :
       {"\"1-Jan-2000 00:30:00 +0000\"", "\"01-Jan-2000 24:30:00 +0000\"", "\"01-Jan-2000 00:30:00\"", "01-Jan-2000"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(read(text), SyntaxError);
  }
}
