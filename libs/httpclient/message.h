#pragma once
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"

namespace posthouse::httpclient {

struct Header {
  std::string name;
  std::string value;  // without white space around it
};

struct Request {
  enum class Method { get, post };

  Method method = Method::get;
  std::string url;                    // absolute
  std::vector<Header> headers;        // ours to write: no value holds a line break
  std::string body{};                 // of a POST
  std::size_t maxBody = 1024 * 1024;  // octets of an answer
  /// How many redirections of a GET are followed, none to another scheme; 0: they are answers as others are.
  int maxRedirects = 0;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;  // in their order
  std::string body;

  /// The first of this name, in letters of either case.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const Header& one : headers) {
      if (ascii::equalsIgnoringCase(one.name, name)) return one.value;
    }
    return std::nullopt;
  }
};

/// There is no answer, or none that could be taken. what() is for logs: it names the host, never what was sent.
class Failed : public std::runtime_error {
 public:
  enum class Why {
    badUrl,       // one that is not fetched: see url.h
    unreachable,  // no such host, or nobody listens there
    untrusted,    // TLS: a certificate that is not the host's, or no agreement
    timeout,
    tooLarge,
    brokenOff,   // before its end, or not HTTP
    redirected,  // once too often, or to another scheme
    overloaded,  // too many requests wait already
  };

  Failed(Why reason, const std::string& text) : std::runtime_error(text), why(reason) {}
  const Why why;
};

}  // namespace posthouse::httpclient
