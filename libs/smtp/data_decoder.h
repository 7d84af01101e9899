#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace posthouse::smtp {

/// Reads what follows DATA: takes the dots off and finds the end (RFC 5321 §4.5.2). Only CRLF "." CRLF is an end; a
/// bare LF or CR never is (§2.3.8), so that no two servers on the way can disagree on where a message ends.
class DataDecoder {
 public:
  /// Appends the message's octets in `input` to `content`. Returns how much of `input` was taken: less than all of it
  /// only at the end, after which the rest is the next command.
  std::size_t decode(std::string_view input, std::string& content);

  bool atEnd() const noexcept { return state_ == State::end; }
  /// A CR without LF or a LF without CR was seen. Such a message is not to be accepted.
  bool sawBareLineEnd() const noexcept { return sawBareLineEnd_; }
  bool sawNul() const noexcept { return sawNul_; }
  bool sawEightBit() const noexcept { return sawEightBit_; }

 private:
  enum class State { lineStart, inLine, cr, dot, dotCr, end };

  std::size_t lines(std::string_view input, std::string& content);
  void text(std::string_view run, std::string& content);
  void step(char c, std::string& content);

  State state_ = State::lineStart;
  bool sawBareLineEnd_ = false;
  bool sawNul_ = false;
  bool sawEightBit_ = false;
};

}  // namespace posthouse::smtp
