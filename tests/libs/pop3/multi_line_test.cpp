#include "pop3/multi_line.h"

#include <catch2/catch.hpp>

using posthouse::pop3::DotStuffer;

namespace {

std::string stuffed(std::string_view message, std::size_t pieceSize) {
  DotStuffer stuffer;
  std::string out;
  for (; !message.empty(); message.remove_prefix(std::min(pieceSize, message.size()))) {
    stuffer.add(message.substr(0, pieceSize), out);
  }
  stuffer.finish(out);
  return out;
}

}  // namespace

TEST_CASE("a message becomes a multi-line response, however it is cut into pieces", "[pop3]") {
  const auto [message, response] = GENERATE(table<std::string, std::string>({
      {"", ".\r\n"},
      {"a\r\n", "a\r\n.\r\n"},
      {"a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n.\r\n"},
      {".\r\n", "..\r\n.\r\n"},
      {"a\r\n.\r\n..b\r\n.c\r\n", "a\r\n..\r\n...b\r\n..c\r\n.\r\n"},
      {"a.b\r\nc.\r\n", "a.b\r\nc.\r\n.\r\n"},
      {"no end", "no end\r\n.\r\n"},
      {"no end\r", "no end\r\n.\r\n"},
      {".", "..\r\n.\r\n"},
      {"a\n.\nb\n", "a\r\n..\r\nb\r\n.\r\n"},  // a bare LF would let '.' end the response for some readers
      {"a\r.\r\n", "a\r.\r\n.\r\n"},
      {"\n\n", "\r\n\r\n.\r\n"},
      {"\r\r\n", "\r\r\n.\r\n"},
      {std::string("\0\xff\r\n", 4), std::string("\0\xff\r\n.\r\n", 7)},
  }));
  for (std::size_t pieceSize = 1; pieceSize <= message.size() + 1; ++pieceSize) {
    CAPTURE(message, pieceSize);
    CHECK(stuffed(message, pieceSize) == response);
  }
}
