// Replies, RFC 5321 §4.2.
#include "smtp/reply.h"

#include <utility>

#include "base/ascii.h"

namespace posthouse::smtp {
namespace {

/// textstring = 1*(%d09 / %d32-126), and UTF-8 where the client asked for it (RFC 6531 §3.7.4.2)
std::string printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (ascii::isControl(c) && c != '\t') c = '?';
  }
  return clean;
}

}  // namespace

Reply::Reply(int code, std::string_view text) : code(code) {
  std::string_view rest = text;
  if (const auto leading = takeEnhancedStatus(rest); leading && leading->severity == code / 100) {
    status = leading;
    text = rest;
  }
  for (;;) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

std::string Reply::text() const {
  std::string joined = std::to_string(code);
  if (status) joined += ' ' + status->text();
  for (const std::string& line : lines) {
    if (!line.empty()) joined += ' ' + printable(line);
  }
  return joined;
}

std::string Reply::wire() const {
  std::string octets;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    octets += std::to_string(code);
    octets += i + 1 < lines.size() ? '-' : ' ';
    if (status) octets += status->text() + ' ';
    octets += printable(lines[i]);
    octets += "\r\n";
  }
  return octets;
}

}  // namespace posthouse::smtp
