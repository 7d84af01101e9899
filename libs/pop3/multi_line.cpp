// Byte-stuffing of multi-line responses, RFC 1939 §3.
#include "pop3/multi_line.h"

#include <string_view>

namespace posthouse::pop3 {
namespace {

/// Whether all line ends in it are CRLF and none of its lines begins with a dot, but for what its first octet ends or
/// begins. Looks at each octet beside the one before it, without a branch: the compiler does sixteen at a time.
bool isPlain(std::string_view octets) noexcept {
  unsigned char odd = 0;
  for (std::size_t i = 1; i < octets.size(); ++i) {
    const char before = octets[i - 1], here = octets[i];
    const auto isBareLineFeed = static_cast<unsigned char>(here == '\n') & static_cast<unsigned char>(before != '\r');
    const auto isLeadingDot = static_cast<unsigned char>(here == '.') & static_cast<unsigned char>(before == '\n');
    odd |= static_cast<unsigned char>(isBareLineFeed | isLeadingDot);
  }
  return odd == 0;
}

}  // namespace

std::string DotStuffer::stuff(std::string piece) {
  if (piece.empty()) return piece;
  const bool isFirstOdd =
      (at_ == At::lineStart && piece.front() == '.') || (at_ != At::afterCr && piece.front() == '\n');
  if (!isFirstOdd && isPlain(piece)) {
    const char last = piece.back();
    at_ = last == '\n' ? At::lineStart : last == '\r' ? At::afterCr : At::inLine;
    return piece;
  }
  std::string out;
  const std::string_view octets = piece;
  std::size_t copied = 0;  // octets
  const auto insert = [&](std::size_t at, char octet) {
    if (out.empty()) out.reserve(octets.size() + octets.size() / 64 + 8);  // there are few more
    out += octets.substr(copied, at - copied);
    out += octet;
    copied = at;
  };
  for (std::size_t line = 0; line < octets.size();) {
    if (at_ == At::lineStart && octets[line] == '.') insert(line, '.');
    const std::size_t lineFeed = octets.find('\n', line);
    if (lineFeed == std::string_view::npos) {
      at_ = octets.back() == '\r' ? At::afterCr : At::inLine;
      break;
    }
    const bool isEnded = lineFeed == line ? at_ == At::afterCr : octets[lineFeed - 1] == '\r';
    if (!isEnded) insert(lineFeed, '\r');
    at_ = At::lineStart;
    line = lineFeed + 1;
  }
  if (out.empty()) return piece;
  return out += octets.substr(copied);
}

void DotStuffer::finish(std::string& out) {
  if (at_ == At::afterCr) out += '\n';
  if (at_ == At::inLine) out += "\r\n";
  out += ".\r\n";
  at_ = At::lineStart;
}

}  // namespace posthouse::pop3
