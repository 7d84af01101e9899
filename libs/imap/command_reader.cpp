// Lines and literals of a command, RFC 3501 §4.3, RFC 7888 §3.
#include "imap/command_reader.h"

#include <charconv>
#include <limits>

#include "imap/grammar.h"
#include "imap/parser.h"

namespace posthouse::imap {

CommandReader::Next CommandReader::addLine(std::string_view line) {
  readAnnouncement(line);
  if (text_.size() + line.size() > limits_.command) {
    text_ += line.substr(0, 256);  // enough for tag() to read
    return Next::tooBig;
  }
  text_ += line;
  if (!hasLiteral_) return Next::complete;
  // Before the message of an APPEND there may be one literal, the mailbox: a command of many is not looked through at
  // each.
  if (literals_ <= 1 && parseAppendHead(text_)) return Next::message;
  if (literalSize_ > limits_.command || text_.size() + literalSize_ > limits_.command) return Next::tooBig;
  return Next::literal;
}

void CommandReader::addLiteral(std::string_view octets) {
  ++literals_;
  text_ += "\r\n";
  text_ += octets;
}

/// "{" number ["+"] "}" at the end of a line
void CommandReader::readAnnouncement(std::string_view line) {
  hasLiteral_ = false;
  if (!line.ends_with('}')) return;
  const std::size_t brace = line.rfind('{');
  if (brace == std::string_view::npos) return;
  std::string_view digits = line.substr(brace + 1, line.size() - brace - 2);
  const bool waits = !digits.ends_with('+');
  if (!waits) digits.remove_suffix(1);
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (digits.empty() || end != digits.data() + digits.size()) return;
  hasLiteral_ = true;
  synchronizing_ = waits;
  literalSize_ = error == std::errc{} ? size : std::numeric_limits<std::uint64_t>::max();
}

std::string CommandReader::tag() const {
  const std::string_view word = std::string_view(text_).substr(0, text_.find(' '));
  for (const char c : word) {
    if (!grammar::isAstringChar(c) || c == '+') return "*";
  }
  return word.empty() ? "*" : std::string(word);
}

}  // namespace posthouse::imap
