#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace posthouse::pop3 {

/// The first line of any response, CRLF included, is at most this long (RFC 2449 §4).
inline constexpr std::size_t kMaxReplyLine = 512;

/// What a client can read from a refusal without understanding English.
enum class ResponseCode {
  inUse,          // [IN-USE]: the maildrop is locked (RFC 2449 §8.1.2)
  loginDelay,     // [LOGIN-DELAY]: too soon after the last login (RFC 2449 §8.1.1)
  systemTemp,     // [SYS/TEMP]: our failure, likely to pass (RFC 3206 §4)
  systemPerm,     // [SYS/PERM]: our failure, somebody must mend it (RFC 3206 §4)
  authentication  // [AUTH]: the credentials are the problem (RFC 3206 §5)
};

/// The status line of a response (RFC 2449 §3, single-line).
class Reply {
 public:
  static Reply ok(std::string text = {}) { return Reply(true, std::nullopt, std::move(text)); }
  static Reply error(std::string text) { return Reply(false, std::nullopt, std::move(text)); }
  static Reply error(ResponseCode code, std::string text) { return Reply(false, code, std::move(text)); }

  bool isOk() const noexcept { return ok_; }
  std::optional<ResponseCode> code() const noexcept { return code_; }
  const std::string& text() const noexcept { return text_; }

  /// The line with its CRLF, whatever the text holds: control characters become '?', text that begins with '[' is kept
  /// from looking like a response code (RFC 2449 §6.4), and what does not fit kMaxReplyLine is cut.
  std::string line() const;

 private:
  Reply(bool ok, std::optional<ResponseCode> code, std::string text) : ok_(ok), code_(code), text_(std::move(text)) {}

  bool ok_;
  std::optional<ResponseCode> code_;
  std::string text_;
};

/// A server challenge of a SASL exchange: "+ " and base 64 (RFC 5034 §4), CRLF included.
std::string challengeLine(std::string_view challenge);

}  // namespace posthouse::pop3
