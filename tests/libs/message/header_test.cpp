#include "message/header.h"

#include <catch2/catch.hpp>

using namespace posthouse::message;

TEST_CASE("a header is divided into fields, octet for octet", "[message]") {
  const std::string message =
      "From: a@x\r\nSubject: one\r\n two\r\n\tthree \r\nX-Empty:\r\nobsolete \t: v\r\nno field\r\n\r\nbody: no\r\n";
  const Header header = Header::of(message);
  CHECK(header.size() == message.size() - 10);
  std::string joined;
  std::vector<std::string> names;
  for (const Field& field : header) {
    joined += field.whole;
    names.emplace_back(field.name);
  }
  CHECK(joined + std::string(header.emptyLine()) == header.octets());
  CHECK(names == std::vector<std::string>{"From", "Subject", "X-Empty", "obsolete", ""});
  CHECK(header.value("SUBJECT") == "one two\tthree");
  CHECK(header.find("subject")->value == " one\r\n two\r\n\tthree ");
  CHECK(header.value("x-empty") == "");
  CHECK_FALSE(header.find("body"));
}

TEST_CASE("a header ends at the empty line, however lines end", "[message]") {
  const auto [message, size] = GENERATE(table<std::string, std::size_t>({
      {"A: b\r\n\r\nc", 8},
      {"A: b\n\nc", 6},
      {"A: b\n\r\nc", 7},
      {"A: b", 4},
      {"A: b\r\n", 6},
      {"A: b\r\r\nc\r\n\r\n", 12},  // a CR alone is no line end
      {"\r\nbody", 2},
      {"", 0},
      {" folded first\r\n\r\n", 17},
      {"A: b\r\n \r\nC: d\r\n\r\nx", 17},  // blanks only: a continuation, not an empty line
  }));
  CAPTURE(message);
  CHECK(Header::of(message).size() == size);
}

TEST_CASE("HEADER.FIELDS keeps octets and the empty line", "[message]") {
  const std::string message = "To: a\r\nCc: b,\r\n c\r\nto : d\r\njunk\r\n\r\nx";
  const Header header = Header::of(message);
  const std::vector<std::string> names = {"TO", "Bcc"};
  CHECK(selectFields(header, names) == "To: a\r\nto : d\r\n\r\n");
  CHECK(selectFieldsNot(header, names) == "Cc: b,\r\n c\r\njunk\r\n\r\n");
  CHECK(selectFields(Header::of("To: a"), names) == "To: a");
  CHECK(countFields(header, "tO") == 2);
  CHECK(header.findAll("To").size() == 2);
}

TEST_CASE("a million fields take one walk", "[message]") {
  std::string message;
  for (int i = 0; i < 1'000'000; ++i) message += "X-A: b\r\n";
  const Header header(message);
  CHECK(countFields(header, "x-a") == 1'000'000);
}
