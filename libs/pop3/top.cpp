// TOP msg n, RFC 1939 §7.
#include "pop3/top.h"

#include <algorithm>

namespace posthouse::pop3 {

std::string_view TopFilter::pass(std::string_view piece) {
  std::size_t end = 0;
  while (!isComplete() && end < piece.size()) {
    const std::size_t lineFeed = std::min(piece.find('\n', end), piece.size());
    const std::string_view line = piece.substr(end, lineFeed - end);
    if (!line.empty()) line_ = line == "\r" && line_ == Line::empty ? Line::carriageReturn : Line::text;
    if (lineFeed == piece.size()) return piece;
    if (!inHeader_) --linesLeft_;
    if (line_ != Line::text) inHeader_ = false;
    line_ = Line::empty;
    end = lineFeed + 1;
  }
  return piece.substr(0, end);
}

}  // namespace posthouse::pop3
