#include "sasl/exchange.h"

#include <catch2/catch.hpp>

using namespace posthouse::sasl;

namespace {

std::string_view octets(const char* text, std::size_t size) {
  return {text, size};
}

}  // namespace

TEST_CASE("the mechanisms that carry a password can be begun", "[sasl]") {
  for (const char* mechanism : {"PLAIN", "LOGIN"}) CHECK(begin(mechanism) != nullptr);
  CHECK(begin("plain") != nullptr);
  CHECK(begin("SCRAM-SHA-256") == nullptr);
  CHECK(begin("") == nullptr);
}

TEST_CASE("PLAIN reads the examples of RFC 4616", "[sasl]") {
  CHECK(begin("PLAIN")->next(octets("\0tim\0tanstaaftanstaaf", 21)) ==
        Step(Credentials{"", "tim", "tanstaaftanstaaf"}));
  CHECK(begin("PLAIN")->next(octets("Ursel\0Kurt\0xipj3plmq", 20)) == Step(Credentials{"Ursel", "Kurt", "xipj3plmq"}));
}

TEST_CASE("PLAIN asks with an empty challenge if nothing came with the command", "[sasl]") {
  const auto exchange = begin("PLAIN");
  CHECK(exchange->next(std::nullopt) == Step(Challenge{}));
  CHECK(exchange->next(octets("\0tim\0secret", 11)) == Step(Credentials{"", "tim", "secret"}));
}

TEST_CASE("PLAIN refuses what is no message of its own", "[sasl]") {
  const auto message = GENERATE(table<const char*, std::size_t>({
      {"", 0},
      {"tim", 3},
      {"\0tim", 4},
      {"\0tim\0", 5},
      {"\0\0secret", 8},
      {"\0tim\0secret\0", 12},
      {"\0t\xFFm\0secret", 11},
      {"\xC0\x80tim\0secret", 12},  // an overlong NUL
  }));
  const Step step = begin("PLAIN")->next(octets(std::get<0>(message), std::get<1>(message)));
  CHECK(std::holds_alternative<Malformed>(step));
}

TEST_CASE("LOGIN asks for the name, then for the password", "[sasl]") {
  const auto exchange = begin("LOGIN");
  CHECK(exchange->next(std::nullopt) == Step(Challenge{"Username:"}));
  CHECK(exchange->next("tim") == Step(Challenge{"Password:"}));
  CHECK(exchange->next("secret") == Step(Credentials{"", "tim", "secret"}));
}

TEST_CASE("LOGIN takes the name with the command", "[sasl]") {
  const auto exchange = begin("LOGIN");
  CHECK(exchange->next("tim") == Step(Challenge{"Password:"}));
  CHECK(exchange->next("secret") == Step(Credentials{"", "tim", "secret"}));
}

TEST_CASE("LOGIN refuses empty and binary answers", "[sasl]") {
  CHECK(std::holds_alternative<Malformed>(begin("LOGIN")->next("")));
  CHECK(std::holds_alternative<Malformed>(begin("LOGIN")->next(octets("a\0b", 3))));
  const auto exchange = begin("LOGIN");
  CHECK(std::holds_alternative<Challenge>(exchange->next("tim")));
  CHECK(std::holds_alternative<Malformed>(exchange->next("\xFF")));
}
