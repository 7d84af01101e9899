#include "net/line_stream.h"

#include <catch2/catch.hpp>

#include "support/script_stream.h"

using namespace posthouse;
using namespace posthouse::net;
using namespace std::chrono_literals;
using test::ScriptStream;

namespace {

LineStream playing(std::string_view script) {
  return LineStream(std::make_unique<ScriptStream>(script));
}

}  // namespace

TEST_CASE("a line ends with CRLF, and neither a bare LF nor a bare CR ends one", "[net]") {
  Loop loop;
  LineStream stream = playing("C* one\\ntwo\\rthree\\r\\nfour\\r\\n");
  CHECK(loop.runUntilDone(stream.readLine(100, 1s)) == "one\ntwo\rthree");
  CHECK(stream.hasBufferedInput());
  CHECK(stream.tryLine(100) == "four");
  CHECK_FALSE(loop.runUntilDone(stream.readLine(100, 1s)).has_value());
}

TEST_CASE("a CRLF that arrives in two segments is found", "[net]") {
  Loop loop;
  LineStream stream = playing("C* one\\r\nS: (nothing)\nC* \\ntwo\\r\\n");
  stream.write("x\r\n");
  loop.runUntilDone(stream.flush(1s));
  CHECK(loop.runUntilDone(stream.readLine(100, 1s)) == "one");
  CHECK(loop.runUntilDone(stream.readLine(100, 1s)) == "two");
}

TEST_CASE("a line past its limit is refused, and what follows it can still be read", "[net]") {
  Loop loop;
  const auto [limit, refused] = GENERATE(table<std::size_t, bool>({{11, true}, {12, false}}));
  LineStream stream = playing("C: 0123456789\nC: next");
  if (refused) {
    CHECK_THROWS_AS(loop.runUntilDone(stream.readLine(limit, 1s)), LineTooLong);
    CHECK(loop.runUntilDone(stream.skipLine(100, 1s)));
  } else {
    CHECK(loop.runUntilDone(stream.readLine(limit, 1s)) == "0123456789");
  }
  CHECK(loop.runUntilDone(stream.readLine(limit, 1s)) == "next");
}

TEST_CASE("counted octets are taken exactly, and their lack is told", "[net]") {
  Loop loop;
  LineStream stream = playing("C* abc\\r\\ndefg");
  CHECK(loop.runUntilDone(stream.readOctets(6, 1s)) == "abc\r\nd");
  CHECK(stream.buffered() == "efg");
  CHECK_THROWS_AS(loop.runUntilDone(stream.readOctets(4, 1s)), ConnectionLost);
}
