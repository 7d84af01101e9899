#include "pop3/reply.h"

#include <catch2/catch.hpp>

using namespace posthouse::pop3;

TEST_CASE("a reply is one line", "[pop3]") {
  CHECK(Reply::ok().line() == "+OK\r\n");
  CHECK(Reply::data("2 320").line() == "+OK 2 320\r\n");
  CHECK(Reply::ok("Bye").line() == "+OK Bye\r\n");
  CHECK(Reply::error("Message {0} is deleted", 3u).line() == "-ERR Message 3 is deleted\r\n");
  CHECK(Reply::error(ResponseCode::authentication, "Cancelled").line() == "-ERR [AUTH] Cancelled\r\n");
  CHECK(Reply::error(ResponseCode::systemTemp, "Cancelled").line() == "-ERR [SYS/TEMP] Cancelled\r\n");
  CHECK(Reply::error(ResponseCode::systemPerm, "Cancelled").line() == "-ERR [SYS/PERM] Cancelled\r\n");
  CHECK(Reply::error(ResponseCode::inUse, "Cancelled").line() == "-ERR [IN-USE] Cancelled\r\n");
  CHECK(Reply::error(ResponseCode::loginDelay, "Cancelled").line() == "-ERR [LOGIN-DELAY] Cancelled\r\n");
  CHECK(Reply::error(ResponseCode::utf8, "Cancelled").line() == "-ERR [UTF8] Cancelled\r\n");
}

TEST_CASE("a reply is in the language that is asked for, but for what programs read", "[pop3]") {
  const Language& german = *languageFor("de");
  CHECK(Reply::error(ResponseCode::authentication, "Wrong name or password").line(german) ==
        "-ERR [AUTH] Falscher Name oder falsches Passwort\r\n");
  CHECK(Reply::data("2 320").line(german) == "+OK 2 320\r\n");
  CHECK(Reply::data("de", "Language changed").line(german) == "+OK de Sprache ge\xc3\xa4ndert\r\n");
  CHECK(Reply::errorSaying("unknown command").line(german) == "-ERR unbekannter Befehl\r\n");
  CHECK(Reply::errorSaying("GSSAPI: a token too many").line(german) == "-ERR GSSAPI: a token too many\r\n");
}

TEST_CASE("text cannot become a second line, a response code or too long a line", "[pop3]") {
  CHECK(Reply::errorSaying("a\r\n+OK b").line() == "-ERR a??+OK b\r\n");
  CHECK(Reply::data("[AUTH] hello").line() == "+OK  [AUTH] hello\r\n");
  const std::string longest = Reply::data(std::string(600, 'x')).line();
  CHECK(longest.size() == kMaxReplyLine);
  CHECK(longest.ends_with("x\r\n"));
}

TEST_CASE("a challenge is base 64 after a plus sign", "[pop3]") {
  CHECK(challengeLine("") == "+ \r\n");  // RFC 5034 §4: nothing behind the space
  CHECK(challengeLine("abc") == "+ YWJj\r\n");
}
