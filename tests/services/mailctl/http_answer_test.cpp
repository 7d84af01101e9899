#include "http_answer.h"

#include <catch2/catch.hpp>

using namespace posthouse::mailctl;

TEST_CASE("an answer has a status and a body", "[mailctl]") {
  const auto [octets, status, body] = GENERATE(table<std::string, int, std::string>({
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n", 200, "ok"},
      {"HTTP/1.0 503 Service Unavailable\r\n\r\na\nb\n\n", 503, "a\nb"},
      {"HTTP/1.1 204\r\n\r\n", 204, ""},
      {"HTTP/1.1 204 \r\n\r\n\n", 204, ""},
  }));
  CAPTURE(octets);
  const auto answer = parseHttpAnswer(octets);
  REQUIRE(answer);
  CHECK(answer->status == status);
  CHECK(answer->body == body);
}

TEST_CASE("what is no answer is none", "[mailctl]") {
  const std::string octets =
      GENERATE(as<std::string>(), "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1\r\n\r\n 200 OK", "HTTP/1.1 x\r\n\r\n",
               "HTTP/1.1 -5 OK\r\n\r\n", "HTTP/1.1 99999999999 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
               "HTTP/1.1 000 OK\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "220 mx ESMTP\r\n\r\n");
  CAPTURE(octets);
  CHECK_FALSE(parseHttpAnswer(octets));
}
