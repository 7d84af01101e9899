#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::mailctl {

struct HttpAnswer {
  int status = 0;
  std::string body;  // without the line ends at its end
};

/// All that a server sent before it closed the connection (RFC 9112 §4, §6.3). Nothing if that is no response of
/// HTTP/1.
std::optional<HttpAnswer> parseHttpAnswer(std::string_view octets);

}  // namespace posthouse::mailctl
