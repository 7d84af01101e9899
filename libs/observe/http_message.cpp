// As much of HTTP/1.1 as the admin port speaks, RFC 9112 §3 and §4.
#include "observe/http_message.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/cursor.h"

namespace posthouse::observe {
namespace {

/// tchar                                                                  RFC 9110 §5.6.2
bool isTokenOctet(char c) {
  return ascii::isDigit(c) || ascii::isAlpha(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

/// A request target of any form holds none but visible octets.                        §3.2
bool isTargetOctet(char c) {
  return !ascii::isControl(c) && !ascii::isEightBit(c) && c != ' ';
}

/// HTTP-version = "HTTP" "/" DIGIT "." DIGIT, of which the first is 1. In capitals.   §2.3
void httpVersion(Cursor& in) {
  const std::string_view version = in.takeOctets(in.rest().size());
  if (version.size() != 8 || !version.starts_with("HTTP/1.") || !ascii::isDigit(version.back()))
    throw SyntaxError("expected HTTP/1.1");
}

/// request-line = method SP request-target SP HTTP-version                            §3
RequestLine requestLine(Cursor& in) {
  RequestLine line;
  line.method = in.expectWhile(isTokenOctet, "a method");
  in.expect(" ");
  const std::string_view target = in.expectWhile(isTargetOctet, "a target");
  in.expect(" ");
  httpVersion(in);
  const std::size_t mark = std::min(target.find('?'), target.size());
  line.path = target.substr(0, mark);
  if (mark < target.size()) line.query = target.substr(mark + 1);
  return line;
}

std::string_view reasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Bad Request";
  }
}

}  // namespace

std::optional<RequestLine> parseRequestLine(std::string_view line) try {
  Cursor in(line);
  return requestLine(in);
} catch (const SyntaxError&) {
  return std::nullopt;
}

std::string renderResponse(const HttpResponse& response, bool toHead) {
  std::string octets =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                  response.status, reasonPhrase(response.status), response.type, response.body.size());
  if (!toHead) octets += response.body;
  return octets;
}

}  // namespace posthouse::observe
