#include <catch2/catch.hpp>

#include "pop3/command.h"

using namespace posthouse::pop3;

namespace {

template <class Expected>
Expected parsed(std::string_view line) {
  CAPTURE(line);
  const auto command = parseCommand(line);
  REQUIRE(command);
  REQUIRE(std::holds_alternative<Expected>(*command));
  return std::get<Expected>(*command);
}

}  // namespace

TEST_CASE("every command is known by its keyword, in either case", "[pop3]") {
  const auto [line, word] = GENERATE(table<std::string, std::string>({
      {"CAPA", "CAPA"},        {"stls", "STLS"},
      {"Quit", "QUIT"},        {"STAT", "STAT"},
      {"NOOP ", "NOOP"},  // some clients leave a blank at the end
      {"RSET", "RSET"},        {"USER mrose", "USER"},
      {"PASS secret", "PASS"}, {"apop mrose c4c9334bac560ecc979e58001b3e22fb", "APOP"},
      {"AUTH", "AUTH"},        {"AUTH PLAIN", "AUTH"},
      {"LIST", "LIST"},        {"LIST 2", "LIST"},
      {"UIDL", "UIDL"},        {"RETR 1", "RETR"},
      {"dele 1", "DELE"},      {"TOP 1 10", "TOP"},
      {"UTF8", "UTF8"},        {"lang", "LANG"},
      {"LANG *", "LANG"},
  }));
  CAPTURE(line);
  const auto command = parseCommand(line);
  REQUIRE(command);
  CHECK(keyword(*command) == word);
}

TEST_CASE("the argument of USER and PASS is all that follows the space", "[pop3]") {
  CHECK(parsed<User>("USER alice@mail.test").name == "alice@mail.test");
  CHECK(parsed<User>("user Alice van Dam").name == "Alice van Dam");
  CHECK(parsed<Pass>("PASS correct horse  battery ").password == "correct horse  battery ");
  CHECK(parsed<Pass>("PASS  x").password == " x");
  CHECK(parsed<Pass>("PASS gr\xc3\xbc\xc3\x9f").password == "gr\xc3\xbc\xc3\x9f");
}

TEST_CASE("APOP takes a name, which may hold spaces, and a digest", "[pop3]") {
  const std::string digest = "c4c9334bac560ecc979e58001b3e22fb";
  const auto [name, trailing] = GENERATE(table<std::string, std::string>(
      {{"mrose", ""}, {"mrose", " "}, {"Alice van Dam", ""}, {"a  b", "  "}, {"gr\xc3\xbc\xc3\x9f@mail.test", ""}}));
  CAPTURE(name);
  const auto apop = parsed<Apop>("APOP " + name + " " + digest + trailing);
  CHECK(apop.name == name);
  CHECK(apop.digest == digest);
}

TEST_CASE("what is no digest of APOP is refused", "[pop3]") {
  const std::string line =
      GENERATE(as<std::string>(), "APOP", "APOP ", "APOP mrose", "APOP c4c9334bac560ecc979e58001b3e22fb",
               "APOP  c4c9334bac560ecc979e58001b3e22fb", "APOP mrose c4c9334bac560ecc979e58001b3e22f",
               "APOP mrose c4c9334bac560ecc979e58001b3e22fb0", "APOP mrose C4C9334BAC560ECC979E58001B3E22FB",
               "APOP mrose c4c9334bac560ecc979e58001b3e22fg");
  CAPTURE(line);
  CHECK_FALSE(parseCommand(line));
}

TEST_CASE("LIST and UIDL take a message or none", "[pop3]") {
  CHECK_FALSE(parsed<List>("LIST").message);
  CHECK_FALSE(parsed<List>("LIST ").message);
  CHECK(parsed<List>("LIST 2").message == MessageNumber{2});
  CHECK(parsed<Uidl>("UIDL 4294967295 ").message == MessageNumber{4294967295});
}

TEST_CASE("TOP takes a message and a number of lines", "[pop3]") {
  const Top top = parsed<Top>("TOP 3  10");
  CHECK(top.message == MessageNumber{3});
  CHECK(top.lines == 10);
  CHECK(parsed<Top>("TOP 1 0").lines == 0);
  CHECK(parsed<Top>("TOP 1 99999999999999999999999").lines == 18446744073709551615u);
}

TEST_CASE("AUTH may carry the initial response", "[pop3]") {
  CHECK(parsed<Auth>("AUTH plain").mechanism == "PLAIN");
  CHECK_FALSE(parsed<Auth>("AUTH PLAIN").initialResponse);
  CHECK(parsed<Auth>("AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=").initialResponse == "dGVzdAB0ZXN0AHRlc3Q=");  // RFC 5034 §6
  CHECK(parsed<Auth>("AUTH EXTERNAL =").initialResponse == "=");
  CHECK(parsed<Auth>("AUTH SCRAM-SHA-256-PLUS").mechanism == "SCRAM-SHA-256-PLUS");
}

TEST_CASE("LANG takes a basic language range, *, or nothing", "[pop3]") {
  CHECK_FALSE(parsed<Lang>("LANG").range);
  CHECK_FALSE(parsed<Lang>("LANG ").range);
  CHECK(parsed<Lang>("LANG *").range == "*");
  CHECK(parsed<Lang>("lang de-AT").range == "de-AT");
  CHECK(parsed<Lang>("LANG sl-rozaj-biske-1994 ").range == "sl-rozaj-biske-1994");
}

TEST_CASE("what is refused is said in the client's language", "[pop3]") {
  const std::string line =
      GENERATE(as<std::string>(), "", "EHLO", "STAT 1", "USER", "USER ", "RETR", "RETR x", "RETR 0", "RETR 4294967296",
               "TOP 1 x", "AUTH \r", "AUTH PLAIN \r", "APOP x", "APOP x y", "LANG -", "UTF8 x");
  const auto command = parseCommand(line);
  REQUIRE_FALSE(command);
  CAPTURE(line, command.error().line());
  CHECK(command.error().line(*languageFor("de")) != command.error().line());
}

TEST_CASE("what is no command is refused with its reason", "[pop3]") {
  const auto [line, reply] = GENERATE(table<std::string, std::string>({
      {"", "-ERR expected a command\r\n"},
      {" STAT", "-ERR expected a command\r\n"},
      {"EHLO x", "-ERR unknown command\r\n"},
      {"STATS", "-ERR unknown command\r\n"},
      {"STAT 1", "-ERR unexpected text after the command\r\n"},
      {"USER", "-ERR expected ' '\r\n"},
      {"USER ", "-ERR an argument is missing\r\n"},
      {"PASS a\rb", "-ERR unexpected text after the command\r\n"},
      {std::string("PASS a\0b", 8), "-ERR unexpected text after the command\r\n"},
      {"RETR", "-ERR expected a space and an argument\r\n"},
      {"RETR x", "-ERR expected a number\r\n"},
      {"RETR -1", "-ERR expected a number\r\n"},
      {"RETR 0", "-ERR message numbers begin with 1\r\n"},
      {"RETR 4294967296", "-ERR number too large\r\n"},
      {"DELE 1 2", "-ERR unexpected text after the command\r\n"},
      {"LIST 1x", "-ERR unexpected text after the command\r\n"},
      {"TOP 1", "-ERR expected a space and an argument\r\n"},
      {"TOP 1 x", "-ERR expected a number of lines\r\n"},
      {"UTF8 1", "-ERR unexpected text after the command\r\n"},
      {"AUTH \xff", "-ERR expected a mechanism\r\n"},
      {"AUTH PLAIN\xc3\xa9 x", "-ERR unexpected text after the command\r\n"},
      {"AUTH " + std::string(21, 'A'), "-ERR expected a mechanism\r\n"},
      {"LANG de_AT", "-ERR unexpected text after the command\r\n"},
      {"LANG de-", "-ERR expected a language\r\n"},
      {"LANG -de", "-ERR expected a language\r\n"},
      {"LANG d1", "-ERR expected a language\r\n"},
      {"LANG abcdefghi", "-ERR expected a language\r\n"},
      {"LANG d\xc3\xa9", "-ERR unexpected text after the command\r\n"},
      {"LANG **", "-ERR unexpected text after the command\r\n"},
      {"AUTH PLAIN a b", "-ERR unexpected text after the command\r\n"},
      {"\xff\xfe", "-ERR unknown command\r\n"},
  }));
  CAPTURE(line);
  const auto command = parseCommand(line);
  REQUIRE_FALSE(command);
  CHECK(command.error().line() == reply);
}
