#include <catch2/catch.hpp>

#include "smtp/data_decoder.h"
#include "smtp/data_encoder.h"

using namespace posthouse::smtp;

namespace {

struct Decoded {
  std::string content;
  std::string rest;  // after the end; "unfinished" if there is none
  bool bare;
};

/// In pieces of `piece` octets: what is found must not depend on how the octets arrive.
Decoded decode(std::string_view input, std::size_t piece) {
  DataDecoder decoder;
  std::string content;
  while (!input.empty() && !decoder.atEnd()) {
    input.remove_prefix(decoder.decode(input.substr(0, piece), content));
  }
  return {content, decoder.atEnd() ? std::string(input) : "unfinished", decoder.sawBareLineEnd()};
}

}  // namespace

TEST_CASE("dots are taken off and the end is found", "[smtp]") {
  const auto [input, content, rest] = GENERATE(table<std::string, std::string, std::string>({
      {".\r\n", "", ""},
      {"a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"},
      {"..\r\n.\r\n", ".\r\n", ""},
      {".a\r\n..b\r\n.\r\n", "a\r\n.b\r\n", ""},
      {"a.\r\n.\r\n", "a.\r\n", ""},
      {"\r\n\r\n.\r\n", "\r\n\r\n", ""},
      {"a\r\n.", "a\r\n", "unfinished"},
      {"a\r\n.\r", "a\r\n", "unfinished"},
      {"a\r\n..\r\n", "a\r\n.\r\n", "unfinished"},
  }));
  const std::size_t piece = GENERATE(1, 2, 3, 100);
  CAPTURE(input, piece);
  const Decoded decoded = decode(input, piece);
  CHECK(decoded.content == content);
  CHECK(decoded.rest == rest);
  CHECK_FALSE(decoded.bare);
}

TEST_CASE("nothing but CRLF . CRLF ends data, and what tries to is marked", "[smtp]") {
  const std::string attempt =
      GENERATE(as<std::string>(), "a\n.\n", "a\r.\r", "a\n.\r\n", "a\r\n.\n", "a\r.\r\n", "a\r\n.\r", "a\r\n.\r\r\n",
               "a\r\n.\n\r\n", ".\n", ".\rb\r\n", "\n.\r\n", "\r.\r\n", "a\r\r\n.\r\r\n");
  const std::size_t piece = GENERATE(1, 2, 3, 100);
  CAPTURE(attempt, piece);
  const Decoded decoded = decode(attempt + "MAIL FROM:<evil@x>\r\n.\r\nNOOP\r\n", piece);
  CHECK(decoded.rest == "NOOP\r\n");
  CHECK(decoded.bare);
}

// Most octets are looked at in blocks: whatever is special must be seen at every place of one, and between two.
TEST_CASE("it does not matter where in the data something special comes", "[smtp]") {
  const auto [special, meant, bare] = GENERATE(table<std::string, std::string, bool>({
      {"\r\n..", "\r\n.", false},
      {"\r\n.x", "\r\nx", false},
      {"\r\n", "\r\n", false},
      {"\n", "\n", true},
      {"\r", "\r", true},
      {"\r\n.\n", "\r\n\n", true},
      {"\n.\r\n", "\n.\r\n", true},
      {"\r\r\n", "\r\r\n", true},
  }));
  for (std::size_t before = 0; before < 140; ++before) {
    CAPTURE(special, before);
    const std::string head(before + 1, 'x');
    const std::string tail(200, 'y');
    const Decoded decoded = decode(head + special + tail + "\r\n.\r\nQUIT\r\n", 1000);
    CHECK(decoded.content == head + meant + tail + "\r\n");
    CHECK(decoded.rest == "QUIT\r\n");
    CHECK(decoded.bare == bare);
  }
}

TEST_CASE("NUL and octets beyond ASCII are told and kept", "[smtp]") {
  DataDecoder decoder;
  std::string content;
  const std::string input("a\0b\r\n\xC3\xBC\r\n.\r\n", 12);
  CHECK(decoder.decode(input, content) == input.size());
  CHECK(content == std::string("a\0b\r\n\xC3\xBC\r\n", 9));
  CHECK(decoder.sawNul());
  CHECK(decoder.sawEightBit());
  CHECK_FALSE(decoder.sawBareLineEnd());
}

TEST_CASE("dots are doubled, lines ended", "[smtp]") {
  const auto [content, wire] = GENERATE(table<std::string, std::string>({
      {"", ".\r\n"},
      {"a\r\n", "a\r\n.\r\n"},
      {"a", "a\r\n.\r\n"},
      {".\r\n..\r\n.a", "..\r\n...\r\n..a\r\n.\r\n"},
      {"a.b\r\n", "a.b\r\n.\r\n"},
      {"a\n.\n",
       "a\r\n..\r\n.\r\n"},  // bare line ends go out as CRLF, and the dot behind them is one at a line's start
      {"a\r.\r", "a\r\n..\r\n.\r\n"},
      {"\r\r\n", "\r\n\r\n.\r\n"},
  }));
  const std::size_t piece = GENERATE(1, 2, 100);
  CAPTURE(content, piece);
  DataEncoder encoder;
  std::string written;
  for (std::size_t i = 0; i < content.size(); i += piece)
    encoder.encode(std::string_view(content).substr(i, piece), written);
  encoder.finish(written);
  CHECK(written == wire);
}
