#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

namespace posthouse::mailctl::maildir {

struct Line {
  std::size_t number = 0;  // from 1
  std::string_view text;   // without its LF
};

/// The lines of a text, of which the last need not end with LF. Views of it.
std::vector<Line> linesOf(std::string_view text);

}  // namespace posthouse::mailctl::maildir
