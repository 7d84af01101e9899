#include "net/proxy_protocol.h"

#include <catch2/catch.hpp>

#include "support/script_stream.h"

using namespace posthouse;
using namespace posthouse::net;
using namespace std::chrono_literals;

namespace {

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string four(char command) {
  return kSignature + command + '\x11' + std::string("\0\x0c", 2) +
         std::string("\xc0\0\x02\x07\xc0\0\x02\x19\x9c\x40\0\x19", 12);
}

}  // namespace

TEST_CASE("a PROXY header of version 1 names the client", "[net]") {
  const auto header = parseProxyHeader("PROXY TCP4 192.0.2.7 192.0.2.25 40000 25\r\nEHLO");
  REQUIRE(header);
  CHECK(header->length == 42);
  CHECK(header->source->text() == "192.0.2.7:40000");
  CHECK(header->destination->text() == "192.0.2.25:25");
  CHECK(parseProxyHeader("PROXY TCP6 2001:db8::7 2001:db8::25 1 2\r\n")->source->text() == "[2001:db8::7]:1");
  CHECK(parseProxyHeader("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.25 1 2\r\n")->source->text() == "192.0.2.7:1");
  CHECK_FALSE(parseProxyHeader("PROXY UNKNOWN what ever\r\n")->source);
}

TEST_CASE("a PROXY header of version 2 names the client, or the proxy itself", "[net]") {
  const auto header = parseProxyHeader(four('\x21') + "EHLO");
  REQUIRE(header);
  CHECK(header->length == 28);
  CHECK(header->source->text() == "192.0.2.7:40000");
  CHECK_FALSE(parseProxyHeader(four('\x20'))->source);
  // What follows the addresses (TLVs) is skipped.
  std::string tlv = four('\x21') + "\x04" + std::string("\0\0", 2);
  tlv[15] = 15;
  CHECK(parseProxyHeader(tlv)->length == 31);
}

TEST_CASE("a header that is not all there yet is waited for", "[net]") {
  const std::string whole = GENERATE(four('\x21'), std::string("PROXY TCP4 192.0.2.7 192.0.2.25 40000 25\r\n"));
  for (std::size_t length = 0; length < whole.size(); ++length) CHECK_FALSE(parseProxyHeader(whole.substr(0, length)));
  CHECK(parseProxyHeader(whole));
}

TEST_CASE("anything but a PROXY header is refused", "[net]") {
  const std::string octets = GENERATE(
      "EHLO x\r\n", "PROXY TCP4 x y 1 2\r\n", "PROXY TCP4 192.0.2.7 192.0.2.25 70000 25\r\n", "PROXY  TCP4\r\n",
      "PROXY TCP4 192.0.2.7/24 192.0.2.25 1 2\r\n", "PROXY TCP4 2001:db8::7 2001:db8::25 1 2\r\n",
      "PROXY TCP6 192.0.2.7 192.0.2.25 1 2\r\n", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n");
  CAPTURE(octets);
  CHECK_THROWS_AS(parseProxyHeader(octets), SyntaxError);
  CHECK_THROWS_AS(parseProxyHeader("PROXY " + std::string(200, 'x')), SyntaxError);
  CHECK_THROWS_AS(parseProxyHeader(kSignature + std::string("\x31\x11\0\x0c", 4)), SyntaxError);
}

TEST_CASE("what follows the header is the client's", "[net]") {
  Loop loop;
  auto stream = loop.runUntilDone(acceptProxied(
      std::make_unique<test::ScriptStream>("C: PROXY TCP4 192.0.2.7 192.0.2.25 40000 25\nC: EHLO x"), 1s));
  CHECK(stream->peer().host == "192.0.2.7");
  CHECK(stream->hasPendingInput());
  std::string into;
  loop.runUntilDone(stream->read(into, 1s));
  CHECK(into == "EHLO x\r\n");
}
