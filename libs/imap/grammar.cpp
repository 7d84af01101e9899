// Basic words, RFC 3501 §9; non-synchronising literals, RFC 7888.
#include "imap/grammar.h"

#include "imap/mailbox_name.h"

namespace posthouse::imap::grammar {

/// atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
bool isAtomChar(char c) noexcept {
  if (ascii::isControl(c) || ascii::isEightBit(c)) return false;
  return std::string_view("(){ %*\"\\]").find(c) == std::string_view::npos || c == '}';
}

bool isAstringChar(char c) noexcept {
  return isAtomChar(c) || c == ']';
}

void space(Cursor& in) {
  if (!in.take(" ")) throw SyntaxError("expected a space");
}

/// tag = 1*<any ASTRING-CHAR except "+">
std::string_view tag(Cursor& in) {
  return in.expectWhile([](char c) { return isAstringChar(c) && c != '+'; }, "a tag");
}

/// atom = 1*ATOM-CHAR
std::string_view atom(Cursor& in) {
  return in.expectWhile(isAtomChar, "an atom");
}

/// quoted = DQUOTE *QUOTED-CHAR DQUOTE. Octets above 127 are let through: clients send passwords in UTF-8 this way.
std::string quoted(Cursor& in) {
  in.expect("\"");
  std::string text;
  while (true) {
    if (in.atEnd()) throw SyntaxError("a quoted string does not end");
    const char c = in.takeOctets(1).front();
    if (c == '"') return text;
    if (c == '\r' || c == '\n' || c == '\0') throw SyntaxError("a line end or NUL in a quoted string");
    if (c != '\\') {
      text += c;
      continue;
    }
    const char escaped = in.peek();
    if (escaped != '"' && escaped != '\\') throw SyntaxError("only \\ and \" may be escaped");
    text += in.takeOctets(1);
  }
}

/// literal = "{" number ["+"] "}" CRLF *CHAR8
std::string literal(Cursor& in) {
  in.expect("{");
  const auto size = in.number<std::uint32_t>();
  in.take("+");
  in.expect("}\r\n");
  const std::string_view octets = in.takeOctets(size);
  if (octets.find('\0') != std::string_view::npos) throw SyntaxError("NUL in a literal");
  return std::string(octets);
}

/// string = quoted / literal
std::string string(Cursor& in) {
  if (in.peek() == '"') return quoted(in);
  if (in.peek() == '{') return literal(in);
  throw SyntaxError("expected a string");
}

/// astring = 1*ASTRING-CHAR / string
std::string astring(Cursor& in) {
  if (in.peek() == '"' || in.peek() == '{') return string(in);
  return std::string(in.expectWhile(isAstringChar, "a string"));
}

/// nstring = string / nil
std::optional<std::string> nstring(Cursor& in) {
  if (in.take("NIL")) return std::nullopt;
  return string(in);
}

/// list-mailbox = 1*list-char / string; list-char = ATOM-CHAR / list-wildcards / resp-specials
std::string listMailbox(Cursor& in) {
  if (in.peek() == '"' || in.peek() == '{') return string(in);
  return std::string(
      in.expectWhile([](char c) { return isAstringChar(c) || c == '%' || c == '*'; }, "a mailbox pattern"));
}

/// nz-number = digit-nz *DIGIT
std::uint32_t nzNumber(Cursor& in) {
  if (in.peek() == '0') throw SyntaxError("a number above 0 does not begin with 0");
  return in.number<std::uint32_t>();
}

std::string mailbox(Cursor& in) {
  auto name = mailboxName(astring(in));
  if (!name) throw SyntaxError("a mailbox name is not modified UTF-7 (RFC 3501 5.1.3)");
  return *std::move(name);
}

}  // namespace posthouse::imap::grammar
