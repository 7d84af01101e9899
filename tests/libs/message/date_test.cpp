#include "message/date.h"

#include <catch2/catch.hpp>

using namespace posthouse::message;

TEST_CASE("dates are read leniently and written strictly", "[message]") {
  const auto [value, expected] = GENERATE(table<std::string, std::string>({
      {"Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"},
      {"Tue, 1 Jul 2003 10:52:37 +0200", "Tue, 01 Jul 2003 10:52:37 +0200"},
      {"21 Nov 97 09:55:06 GMT", "Fri, 21 Nov 1997 09:55:06 +0000"},  // RFC 5322 A.6.2
      {"Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)",
       "Thu, 13 Feb 1969 23:32:00 -0330"},
      {"Sun Nov 22 21:26:01 2026", "Sun, 22 Nov 2026 21:26:01 +0000"},
      {"2026-11-22 21:26:01 +0100", "Sun, 22 Nov 2026 21:26:01 +0100"},
      {"22-Nov-2026 1:02 EST", "Sun, 22 Nov 2026 01:02:00 -0500"},
      {"22 November 2026 01:02:03 GMT+0200", "Sun, 22 Nov 2026 01:02:03 +0200"},
      {"22 Nov 2026 11:02:03 PM", "Sun, 22 Nov 2026 23:02:03 +0000"},
      {"1 Jan 100 00:00:00", "Sat, 01 Jan 2000 00:00:00 +0000"},
      {"31 Dec 2016 23:59:60 +0000", "Sun, 01 Jan 2017 00:00:00 +0000"},
      {"29 Feb 2023 00:00:00", ""},
      {"1 Jan 2023 25:00:00", ""},
      {"yesterday", ""},
      {"", ""},
      {"1 Jan 99999999999 00:00", ""},
  }));
  CAPTURE(value);
  const auto date = parseDate(value);
  CHECK((date ? formatDate(*date) : "") == expected);
}
