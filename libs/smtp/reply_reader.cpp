// Replies as clients read them, RFC 5321 §4.2.
#include "smtp/reply_reader.h"

#include <utility>

#include "base/ascii.h"
#include "base/cursor.h"

namespace posthouse::smtp {
namespace {

struct ReplyLine {
  int code;
  bool last;
  std::string_view text;
};

/// Reply-code = %x32-35 %x30-35 %x30-39. A second digit beyond 5 is let through: an unknown code means what its first
/// digit says (§4.2).
int replyCode(Cursor& in) {
  const std::string_view digits = in.takeOctets(3);
  if (digits[0] < '2' || digits[0] > '5' || !ascii::isDigit(digits[1]) || !ascii::isDigit(digits[2])) {
    throw SyntaxError("expected a reply code");
  }
  return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

/// Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
ReplyLine replyLine(std::string_view line) {
  Cursor in(line);
  ReplyLine read{replyCode(in), true, {}};
  if (in.take("-")) {
    read.last = false;
  } else if (!in.atEnd()) {
    in.expect(" ");
  }
  read.text = in.rest();
  if (read.text.find_first_of("\r\n") != std::string_view::npos) throw SyntaxError("bare CR or LF in a reply");
  return read;
}

}  // namespace

std::expected<std::optional<Reply>, std::string> ReplyReader::add(std::string_view line) try {
  const ReplyLine read = replyLine(line);
  octets_ += line.size();
  if (!partial_) {
    partial_.emplace(read.code, read.text);
  } else {
    if (partial_->code != read.code) throw SyntaxError("lines of one reply with different codes");
    std::string_view text = read.text;
    // Written on each line (RFC 2034 §4): it belongs to the reply, not to the text.
    if (std::string_view rest = text; partial_->status && takeEnhancedStatus(rest) == partial_->status) text = rest;
    partial_->lines.emplace_back(text);
  }
  if (partial_->lines.size() > kMaxLines || octets_ > kMaxOctets) throw SyntaxError("reply too long");
  if (!read.last) return std::nullopt;
  octets_ = 0;
  return std::exchange(partial_, std::nullopt);
} catch (const SyntaxError& error) {
  return std::unexpected(std::string(error.what()));
}

}  // namespace posthouse::smtp
