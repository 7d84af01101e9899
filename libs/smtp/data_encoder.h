#pragma once
#include <string>
#include <string_view>

namespace posthouse::smtp {

/// Writes what follows DATA: doubles dots at the beginning of lines and ends the last one (RFC 5321 §4.5.2). A bare CR
/// or LF, which a client must not send (§2.3.8), goes out as CRLF; a message with none goes out as it is.
class DataEncoder {
 public:
  /// Appends `content`, the next part of the message, to `wire`.
  void encode(std::string_view content, std::string& wire);
  /// Appends the end of the data. The encoder is then ready for another message.
  void finish(std::string& wire);

 private:
  void endLine(std::string& wire);

  bool atLineStart_ = true;
  bool crPending_ = false;
};

}  // namespace posthouse::smtp
