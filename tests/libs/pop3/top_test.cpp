#include "pop3/top.h"

#include <catch2/catch.hpp>

using posthouse::pop3::TopFilter;

namespace {

std::string top(std::string_view message, std::uint64_t lines, std::size_t pieceSize) {
  TopFilter filter(lines);
  std::string out;
  for (; !message.empty(); message.remove_prefix(std::min(pieceSize, message.size()))) {
    out += filter.pass(message.substr(0, pieceSize));
  }
  return out;
}

}  // namespace

TEST_CASE("TOP sends the header, the blank line and so many lines", "[pop3]") {
  const std::string header = "Subject: x\r\nTo: y\r\n\r\n";
  const auto [message, lines, sent] = GENERATE_COPY(table<std::string, std::uint64_t, std::string>({
      {header + "a\r\nb\r\nc\r\n", 0, header},
      {header + "a\r\nb\r\nc\r\n", 1, header + "a\r\n"},
      {header + "a\r\nb\r\nc\r\n", 2, header + "a\r\nb\r\n"},
      {header + "a\r\nb\r\nc\r\n", 1000, header + "a\r\nb\r\nc\r\n"},
      {header + "\r\n\r\nc\r\n", 2, header + "\r\n\r\n"},  // blank lines of the body count
      {header + "no end", 1, header + "no end"},
      {"Subject: only a header\r\n", 5, "Subject: only a header\r\n"},
      {"\r\na\r\nb\r\n", 1, "\r\na\r\n"},  // no header
      {"A: b\n\na\nb\n", 1, "A: b\n\na\n"},
      {"A: b\r\n\r\r\nC: d\r\n\r\na\r\n", 0, "A: b\r\n\r\r\nC: d\r\n\r\n"},
      {"", 3, ""},
  }));
  for (std::size_t pieceSize = 1; pieceSize <= message.size() + 1; ++pieceSize) {
    CAPTURE(message, lines, pieceSize);
    CHECK(top(message, lines, pieceSize) == sent);
  }
}

TEST_CASE("TOP knows when the rest of a message need not be read", "[pop3]") {
  TopFilter filter(1);
  CHECK(filter.pass("A: b\r\n\r\n") == "A: b\r\n\r\n");
  CHECK_FALSE(filter.isComplete());
  CHECK(filter.pass("line\r\nmore\r\n") == "line\r\n");
  CHECK(filter.isComplete());
  CHECK(filter.pass("more").empty());
}
