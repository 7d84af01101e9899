#include "message/lexical.h"

namespace posthouse::message {

std::string takeComment(Cursor& in) {
  std::string text;
  std::size_t depth = 0;
  while (!in.atEnd()) {
    const char c = in.takeOctets(1).front();
    if (c == '(' && depth++ == 0) continue;
    if (c == ')' && --depth == 0) break;
    if (c == '\\' && !in.atEnd()) {
      text += in.takeOctets(1);
    } else if (c != '\r' && c != '\n') {
      text += c;
    }
  }
  return std::string(ascii::trimBlanks(text));
}

std::string takeQuotedString(Cursor& in) {
  std::string text;
  in.take("\"");
  while (!in.atEnd()) {
    const char c = in.takeOctets(1).front();
    if (c == '"') break;
    if (c == '\\' && !in.atEnd()) {
      text += in.takeOctets(1);
    } else if (c != '\r' && c != '\n') {
      text += c;
    }
  }
  return text;
}

void skipCfws(Cursor& in) {
  while (true) {
    in.takeWhile(isFoldingBlank);
    if (in.peek() != '(') return;
    takeComment(in);
  }
}

}  // namespace posthouse::message
