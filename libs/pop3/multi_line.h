#pragma once
#include <string>

namespace posthouse::pop3 {

/// Makes a message, given in pieces of any size, the body of a multi-line response (RFC 1939 §3): a line that begins
/// with '.' gets another, and the end is a line of a '.' alone. A bare LF becomes CRLF, so that a reader which takes
/// either for a line end sees the end of the response where we put it, and nowhere else. Holds no octets back.
class DotStuffer {
 public:
  /// The next piece of the message as it is sent: most are as they were, and cost no copy.
  std::string stuff(std::string piece);

  /// Appends what ends the response; ends an unfinished last line first.
  void finish(std::string& out);

 private:
  enum class At { lineStart, inLine, afterCr };
  At at_ = At::lineStart;
};

}  // namespace posthouse::pop3
