// POP3 responses, RFC 2449 §3 and §8, RFC 3206, RFC 5034 §4, RFC 6856 §5.
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
    case ResponseCode::utf8:
      return "[UTF8] ";
  }
  return "";
}

/// An octet of UTF-8 behind the first of a character.
bool isInsideCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string Reply::text(const Language& language) const {
  std::string text = words_;
  if (text_) render(language, *text_, arguments_, text);
  return text;
}

std::string Reply::line(const Language& language) const {
  const std::string text = this->text(language);
  std::string line(ok_ ? "+OK" : "-ERR");
  if (code_ || !text.empty()) line += ' ';
  if (code_) line += bracketed(*code_);
  if (!code_ && text.starts_with('[')) line += ' ';
  for (const char c : text) line += ascii::isControl(c) ? '?' : c;
  if (line.size() > kMaxReplyLine - 2) {
    std::size_t end = kMaxReplyLine - 2;
    while (isInsideCharacter(line[end])) --end;
    line.resize(end);
  }
  return line += "\r\n";
}

std::string challengeLine(std::string_view challenge) {
  return "+ " + base64::encode(challenge) + "\r\n";
}

}  // namespace posthouse::pop3
