#include "pop3/reply.h"

#include <catch2/catch.hpp>

using namespace posthouse::pop3;

TEST_CASE("a reply is one line", "[pop3]") {
  CHECK(Reply::ok().line() == "+OK\r\n");
  CHECK(Reply::ok("2 320").line() == "+OK 2 320\r\n");
  CHECK(Reply::error("no such message").line() == "-ERR no such message\r\n");
  CHECK(Reply::error(ResponseCode::authentication, "no").line() == "-ERR [AUTH] no\r\n");
  CHECK(Reply::error(ResponseCode::systemTemp, "later").line() == "-ERR [SYS/TEMP] later\r\n");
  CHECK(Reply::error(ResponseCode::systemPerm, "").line() == "-ERR [SYS/PERM] \r\n");
  CHECK(Reply::error(ResponseCode::inUse, "busy").line() == "-ERR [IN-USE] busy\r\n");
  CHECK(Reply::error(ResponseCode::loginDelay, "wait").line() == "-ERR [LOGIN-DELAY] wait\r\n");
}

TEST_CASE("text cannot become a second line, a response code or too long a line", "[pop3]") {
  CHECK(Reply::error("a\r\n+OK b").line() == "-ERR a??+OK b\r\n");
  CHECK(Reply::ok("[AUTH] hello").line() == "+OK  [AUTH] hello\r\n");
  const std::string longest = Reply::ok(std::string(600, 'x')).line();
  CHECK(longest.size() == kMaxReplyLine);
  CHECK(longest.ends_with("x\r\n"));
}

TEST_CASE("a challenge is base 64 after a plus sign", "[pop3]") {
  CHECK(challengeLine("") == "+ \r\n");  // RFC 5034 §4: nothing behind the space
  CHECK(challengeLine("abc") == "+ YWJj\r\n");
}
