// The status line of HTTP/1, RFC 9112 §4, and what follows the header.
#include "http_answer.h"

#include "base/ascii.h"
#include "base/cursor.h"

namespace posthouse::mailctl {
namespace {

/// status-line = HTTP-version SP status-code SP [ reason-phrase ]. The second space is often left out with the phrase.
int statusLine(Cursor in) {
  in.expect("HTTP/1.");
  in.expectWhile(ascii::isDigit, "a version");
  in.expect(" ");
  const std::string_view code = in.expectWhile(ascii::isDigit, "a status");
  if (code.size() != 3 || code.front() == '0') throw SyntaxError("a status has three digits");
  if (!in.atEnd()) in.expect(" ");
  return static_cast<int>(Cursor(code).number<unsigned>());
}

}  // namespace

std::optional<HttpAnswer> parseHttpAnswer(std::string_view octets) try {
  const std::size_t end = octets.find("\r\n\r\n");
  if (end == octets.npos) return std::nullopt;
  HttpAnswer answer;
  answer.status = statusLine(Cursor(octets.substr(0, octets.find("\r\n"))));
  std::string_view body = octets.substr(end + 4);
  while (body.ends_with('\n')) body.remove_suffix(1);
  answer.body = body;
  return answer;
} catch (const SyntaxError&) {
  return std::nullopt;
}

}  // namespace posthouse::mailctl
