#include "sasl/gssapi.h"

#include <catch2/catch.hpp>

using namespace posthouse::sasl;
using namespace std::string_literals;

TEST_CASE("GSSAPI offers no security layer, and so takes no message in one", "[sasl]") {
  CHECK(gssapiOffer() == "\1\0\0\0"s);
}

TEST_CASE("GSSAPI: a client chooses what is offered, and may say whom it acts as", "[sasl]") {
  CHECK(parseGssapiChoice("\1\0\0\0"s) == GssapiChoice{""});
  CHECK(parseGssapiChoice("\1\0\0\0alice@mail.test"s) == GssapiChoice{"alice@mail.test"});
  CHECK(parseGssapiChoice("\1\0\0\0"s + std::string(GssapiChoice::kMaxSize - 4, 'x')));
}

TEST_CASE("GSSAPI: what is no such choice", "[sasl]") {
  const std::string message = GENERATE("\2\0\x10\0"s, "\4\0\x10\0"s, "\3\0\0\0"s, "\0\0\0\0"s, "\xFF\0\0\0"s,
                                       "\1\0\0\1"s, "\1\xFF\xFF\xFF"s, "\1\0\0"s, ""s, "\1\0\0\0a\0"s, "\1\0\0\0\xFF"s,
                                       "\1\0\0\0"s + std::string(GssapiChoice::kMaxSize - 3, 'x'));
  CHECK_FALSE(parseGssapiChoice(message));
}
