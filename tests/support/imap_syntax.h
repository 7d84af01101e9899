#pragma once
#include "base/cursor.h"

namespace posthouse::test {

/// Reads one IMAP value (NIL, number, string, list) past its end; throws SyntaxError where it breaks RFC 9051 §9.
/// Lists may be inside each other without a space between, as addresses and bodies are.
inline void readImapValue(Cursor& in) {
  if (in.take("(")) {
    readImapValue(in);
    while (!in.take(")")) {
      if (in.peek() != '(') in.expect(" ");
      readImapValue(in);
    }
  } else if (in.take("\"")) {
    while (!in.take("\"")) {
      char c = in.takeOctets(1).front();
      if (c == '\\') {
        c = in.takeOctets(1).front();
        if (c != '"' && c != '\\') throw SyntaxError("only quoted-specials are escaped");
      }
      if (c == '\0' || c == '\r' || c == '\n' || ascii::isEightBit(c)) throw SyntaxError("no TEXT-CHAR");
    }
  } else if (in.take("{")) {
    const auto size = in.number<std::size_t>();
    in.expect("}\r\n");
    if (in.takeOctets(size).find('\0') != std::string_view::npos) throw SyntaxError("NUL in a literal");
  } else if (!in.take("NIL")) {
    in.number<std::uint64_t>();
  }
}

inline bool isImapList(std::string_view text) try {
  Cursor in(text);
  if (in.peek() != '(') return false;
  readImapValue(in);
  return in.atEnd();
} catch (const SyntaxError&) {
  return false;
}

}  // namespace posthouse::test
