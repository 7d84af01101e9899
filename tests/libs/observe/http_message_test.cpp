#include "observe/http_message.h"

#include <catch2/catch.hpp>

using namespace posthouse::observe;

TEST_CASE("a request line names a method, a path and a query", "[observe]") {
  const auto [line, method, path, query] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"GET /metrics HTTP/1.1", "GET", "/metrics", ""},
      {"HEAD /readyz?verbose HTTP/1.0", "HEAD", "/readyz", "verbose"},
      {"M-SEARCH * HTTP/1.1", "M-SEARCH", "*", ""},
      {"GET /a?b?c HTTP/1.1", "GET", "/a", "b?c"},
      {"GET ? HTTP/1.1", "GET", "", ""},
  }));
  CAPTURE(line);
  const auto parsed = parseRequestLine(line);
  REQUIRE(parsed);
  CHECK(parsed->method == method);
  CHECK(parsed->path == path);
  CHECK(parsed->query == query);
}

TEST_CASE("what is no request line is none", "[observe]") {
  const std::string line =
      GENERATE(as<std::string>(), "", " ", "GET", "GET /", "GET / ", "GET / HTTP/2.0", "GET / HTTP/1.",
               "GET / HTTP/1.x", "GET / http/1.1", "GET / HTTP/1.1 ", "GET  / HTTP/1.1", "GET /a b HTTP/1.1",
               "G(T / HTTP/1.1", "GET /\t HTTP/1.1", "GET /\x80 HTTP/1.1", " / HTTP/1.1");
  CAPTURE(line);
  CHECK_FALSE(parseRequestLine(line));
}

TEST_CASE("a response tells its length, and to HEAD no more than that", "[observe]") {
  const HttpResponse response{404, "text/plain", "no\n"};
  const std::string header =
      "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\n";
  CHECK(renderResponse(response, false) == header + "no\n");
  CHECK(renderResponse(response, true) == header);
}
