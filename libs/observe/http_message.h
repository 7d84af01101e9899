#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::observe {

/// What the request line of an HTTP/1 request asks for (RFC 9112 §3).
struct RequestLine {
  std::string method;
  std::string path;   // without the query
  std::string query;  // what follows "?"
};

/// Nothing if it is no request line of HTTP/1: a token, a target without blanks or controls, and the version, one space
/// between each.
std::optional<RequestLine> parseRequestLine(std::string_view line);

struct HttpResponse {
  int status = 0;
  std::string type;  // of the body, as Content-Type says it
  std::string body;
};

/// The response's octets, after which the connection is closed (RFC 9112 §4). To HEAD: without the body, whose length
/// is told.
std::string renderResponse(const HttpResponse& response, bool toHead);

}  // namespace posthouse::observe
