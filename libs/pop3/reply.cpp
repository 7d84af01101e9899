// POP3 responses, RFC 2449 §3 and §8, RFC 3206, RFC 5034 §4.
#include "pop3/reply.h"

#include "base/ascii.h"
#include "base/base64.h"

namespace posthouse::pop3 {

namespace {

std::string_view bracketed(ResponseCode code) {
  switch (code) {
    case ResponseCode::inUse:
      return "[IN-USE] ";
    case ResponseCode::loginDelay:
      return "[LOGIN-DELAY] ";
    case ResponseCode::systemTemp:
      return "[SYS/TEMP] ";
    case ResponseCode::systemPerm:
      return "[SYS/PERM] ";
    case ResponseCode::authentication:
      return "[AUTH] ";
  }
  return "";
}

}  // namespace

std::string Reply::line() const {
  std::string line(ok_ ? "+OK" : "-ERR");
  if (code_ || !text_.empty()) line += ' ';
  if (code_) line += bracketed(*code_);
  if (!code_ && text_.starts_with('[')) line += ' ';
  for (const char c : text_) line += ascii::isControl(c) ? '?' : c;
  if (line.size() > kMaxReplyLine - 2) line.resize(kMaxReplyLine - 2);
  return line += "\r\n";
}

std::string challengeLine(std::string_view challenge) {
  return "+ " + base64::encode(challenge) + "\r\n";
}

}  // namespace posthouse::pop3
