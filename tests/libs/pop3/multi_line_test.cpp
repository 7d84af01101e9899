#include "pop3/multi_line.h"

#include <catch2/catch.hpp>
#include <random>

using posthouse::pop3::DotStuffer;

namespace {

std::string stuffed(std::string_view message, std::size_t pieceSize) {
  DotStuffer stuffer;
  std::string out;
  for (; !message.empty(); message.remove_prefix(std::min(pieceSize, message.size()))) {
    out += stuffer.stuff(std::string(message.substr(0, pieceSize)));
  }
  stuffer.finish(out);
  return out;
}

/// Octet by octet.
std::string stuffedSlowly(std::string_view message) {
  std::string out;
  bool isLineStart = true;
  for (const char octet : message) {
    if (isLineStart && octet == '.') out += '.';
    if (octet == '\n' && !out.ends_with('\r')) out += '\r';
    out += octet;
    isLineStart = octet == '\n';
  }
  if (!isLineStart) out += out.ends_with('\r') ? "\n" : "\r\n";
  return out += ".\r\n";
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

TEST_CASE("long messages with something odd anywhere become multi-line responses", "[pop3]") {
  std::minstd_rand random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string message(random() % 300, 'a');
    for (auto odd = random() % 6; odd > 0 && !message.empty(); --odd)
      message[random() % message.size()] = "\r\n."[random() % 3];
    for (auto lines = random() % 4; lines > 0; --lines)
      message.insert(random() % (message.size() + 1), random() % 2 == 0 ? "\r\n" : "\r\n.");
    CAPTURE(message);
    CHECK(stuffed(message, message.size() + 1) == stuffedSlowly(message));
    CHECK(stuffed(message, random() % 100 + 1) == stuffedSlowly(message));
  }
}

TEST_CASE("a piece that is sent as it is, is not copied", "[pop3]") {
  std::string piece(100, 'a');
  const char* const octets = piece.data();
  CHECK(DotStuffer().stuff(std::move(piece)).data() == octets);
}
