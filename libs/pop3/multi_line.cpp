// Byte-stuffing of multi-line responses, RFC 1939 §3.
#include "pop3/multi_line.h"

namespace posthouse::pop3 {

void DotStuffer::add(std::string_view piece, std::string& out) {
  out.reserve(out.size() + piece.size() + piece.size() / 64 + 8);  // dots and CRs are few
  while (!piece.empty()) {
    if (at_ == At::lineStart && piece.front() == '.') out += '.';
    const std::size_t lineFeed = piece.find('\n');
    if (lineFeed == std::string_view::npos) {
      out += piece;
      at_ = piece.back() == '\r' ? At::afterCr : At::inLine;
      return;
    }
    const bool ended = lineFeed == 0 ? at_ == At::afterCr : piece[lineFeed - 1] == '\r';
    out += piece.substr(0, lineFeed);
    out += ended ? "\n" : "\r\n";
    piece.remove_prefix(lineFeed + 1);
    at_ = At::lineStart;
  }
}

void DotStuffer::finish(std::string& out) {
  if (at_ == At::afterCr) out += '\n';
  if (at_ == At::inLine) out += "\r\n";
  out += ".\r\n";
  at_ = At::lineStart;
}

}  // namespace posthouse::pop3
