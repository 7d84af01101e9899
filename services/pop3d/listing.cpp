#include "listing.h"

#include <fmt/format.h>

namespace posthouse::pop3d {

Task<std::string> Listing::next() {
  constexpr std::size_t kPiece = 16 * 1024;
  std::string piece;
  if (ended_) co_return piece;
  for (; next_ <= maildrop_.size() && piece.size() < kPiece; ++next_) {
    const pop3::MessageNumber message{next_};
    if (maildrop_.has(message)) piece += fmt::format("{} {}\r\n", next_, describe_(message));
  }
  if (next_ > maildrop_.size()) {
    piece += ".\r\n";
    ended_ = true;
  }
  co_return piece;
}

}  // namespace posthouse::pop3d
