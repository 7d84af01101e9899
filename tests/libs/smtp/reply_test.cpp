#include "smtp/reply.h"

#include <catch2/catch.hpp>

#include "smtp/announcement.h"
#include "smtp/reply_reader.h"

using namespace posthouse::smtp;

TEST_CASE("a reply is printed with its status on every line", "[smtp]") {
  const auto [code, text, wire] = GENERATE(table<int, std::string, std::string>({
      {250, "2.1.0 OK", "250 2.1.0 OK\r\n"},
      {220, "mx.example.org ESMTP", "220 mx.example.org ESMTP\r\n"},
      {250, "mx.example.org\nPIPELINING\nSIZE 10", "250-mx.example.org\r\n250-PIPELINING\r\n250 SIZE 10\r\n"},
      {550, "5.1.1 No such\nmailbox", "550-5.1.1 No such\r\n550 5.1.1 mailbox\r\n"},
      {334, "", "334 \r\n"},                                // RFC 4954 §4
      {550, "2.1.0 odd", "550 2.1.0 odd\r\n"},              // not a status of this code: text
      {250, "2.0.0.1 is text", "250 2.0.0.1 is text\r\n"},  // no status at all
      {250, "2.0.0 a\rb\tc", "250 2.0.0 a?b\tc\r\n"},
  }));
  CAPTURE(text);
  CHECK(Reply(code, text).wire() == wire);
}

TEST_CASE("enhanced status codes", "[smtp]") {
  const auto [text, status, rest] = GENERATE(table<std::string, std::string, std::string>({
      {"2.1.5 OK", "2.1.5", "OK"},
      {"5.7.123", "5.7.123", ""},
      {"4.0.0 ", "4.0.0", ""},
      {"3.1.1 x", "", "3.1.1 x"},
      {"2.1 x", "", "2.1 x"},
      {"2.1.1x", "", "2.1.1x"},
      {"2.1234.1 x", "", "2.1234.1 x"},
      {"22.1.1 x", "", "22.1.1 x"},
  }));
  std::string_view view = text;
  const auto taken = takeEnhancedStatus(view);
  CHECK((taken ? taken->text() : "") == status);
  CHECK(view == rest);
}

namespace {

std::string read(const std::vector<std::string>& lines) {
  ReplyReader reader;
  for (const std::string& line : lines) {
    const auto added = reader.add(line);
    if (!added) return "error";
    if (*added) return (*added)->wire();
  }
  return "more";
}

}  // namespace

TEST_CASE("replies are put together from lines", "[smtp]") {
  const auto [lines, wire] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"250 2.1.0 OK"}, "250 2.1.0 OK\r\n"},
      {{"250"}, "250 \r\n"},  // §4.2: without text
      {{"250 "}, "250 \r\n"},
      {{"250-2.1.0 a", "250 2.1.0 b"}, "250-2.1.0 a\r\n250 2.1.0 b\r\n"},
      {{"250-a", "250-", "250 c"}, "250-a\r\n250-\r\n250 c\r\n"},
      {{"599 odd"}, "599 odd\r\n"},
      {{"250-a"}, "more"},
      {{"250-a", "251 b"}, "error"},
      {{"150 a"}, "error"},
      {{"650 a"}, "error"},
      {{"25"}, "error"},
      {{"250x"}, "error"},
      {{"2x0 a"}, "error"},
      {{""}, "error"},
      {{"250 a\nb"}, "error"},
  }));
  CAPTURE(lines);
  CHECK(read(lines) == wire);
}

TEST_CASE("a server that never ends its reply is given up", "[smtp]") {
  ReplyReader reader;
  std::size_t lines = 0;
  while (reader.add("250-x")) ++lines;
  CHECK(lines == ReplyReader::kMaxLines);
}

TEST_CASE("what a server announces", "[smtp]") {
  const Announcement announcement(
      Reply(250, "foo.com greets you\nPIPELINING\nSIZE 1000000\nAUTH PLAIN login\nAUTH=PLAIN\nxdeliveryid\n"));
  CHECK(announcement.offers("PIPELINING"));
  CHECK(announcement.offers("XDELIVERYID"));
  CHECK_FALSE(announcement.offers("foo.com"));
  CHECK_FALSE(announcement.offers("STARTTLS"));
  CHECK(announcement.parameters("size") == std::vector<std::string>{"1000000"});
  CHECK(announcement.parameters("AUTH") == std::vector<std::string>{"PLAIN", "login"});
  CHECK_FALSE(Announcement().offers("SIZE"));
}
