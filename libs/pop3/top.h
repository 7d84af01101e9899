#pragma once
#include <cstdint>
#include <string_view>

namespace posthouse::pop3 {

/// Cuts a message, given in pieces of any size, to what TOP sends: the header, the blank line and the first lines of
/// the body (RFC 1939 §7).
class TopFilter {
 public:
  explicit TopFilter(std::uint64_t bodyLines) : linesLeft_(bodyLines) {}

  /// The part of the next piece that belongs to it: all, a beginning, or nothing.
  std::string_view pass(std::string_view piece);

  /// Nothing that follows belongs to it: the rest of the message need not be read.
  bool isComplete() const noexcept { return !inHeader_ && linesLeft_ == 0; }

 private:
  enum class Line { empty, carriageReturn, text };  // what was seen since the last LF

  bool inHeader_ = true;
  Line line_ = Line::empty;
  std::uint64_t linesLeft_;
};

}  // namespace posthouse::pop3
