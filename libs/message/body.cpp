// BODY out of BODYSTRUCTURE: the same values without body-ext-1part and body-ext-mpart (RFC 9051 §9).
#include <algorithm>

#include "base/ascii.h"
#include "base/cursor.h"
#include "message/bodystructure.h"

namespace posthouse::message {

namespace {

std::string_view value(Cursor& in);

/// quoted = DQUOTE *QUOTED-CHAR DQUOTE
std::size_t quotedSize(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && text[size] != '"') size += text[size] == '\\' ? 2 : 1;
  return size + 1;
}

/// literal = "{" number "}" CRLF *CHAR8
std::string_view literal(Cursor& in) {
  const std::string_view whole = in.rest();
  in.expect("{");
  const auto octets = in.number<std::uint64_t>();
  in.expect("}\r\n");
  in.takeOctets(octets);
  return whole.substr(0, whole.size() - in.rest().size());
}

std::string_view list(Cursor& in) {
  const std::string_view whole = in.rest();
  std::size_t depth = 0;
  do {
    if (in.take("(")) {
      ++depth;
    } else if (in.take(")")) {
      --depth;
    } else if (!in.take(" ")) {
      value(in);
    }
  } while (depth > 0 && !in.atEnd());
  return whole.substr(0, whole.size() - in.rest().size());
}

/// Any value as it stands.
std::string_view value(Cursor& in) {
  if (in.peek() == '(') return list(in);
  if (in.peek() == '"') return in.takeOctets(quotedSize(in.rest()));
  if (in.peek() == '{') return literal(in);
  return in.expectWhile([](char c) { return ascii::isAlnum(c); }, "a value");
}

void copyValues(Cursor& in, std::string& out, int count) {
  for (int i = 0; i < count; ++i) {
    in.expect(" ");
    out += ' ';
    out += value(in);
  }
}

void body(Cursor& in, std::string& out) {
  in.expect("(");
  out += '(';
  if (in.peek() == '(') {
    while (in.peek() == '(') body(in, out);
    copyValues(in, out, 1);
  } else {
    const std::string_view type = value(in);
    out += type;
    in.expect(" ");
    const std::string_view subtype = value(in);
    out.append(" ").append(subtype);
    copyValues(in, out, 5);
    const bool holdsMessage = type == "\"message\"" && (subtype == "\"rfc822\"" || subtype == "\"global\"");
    if (holdsMessage) {
      copyValues(in, out, 1);
      in.expect(" ");
      out += ' ';
      body(in, out);
    }
    if (holdsMessage || type == "\"text\"") copyValues(in, out, 1);
  }
  while (in.take(" ")) value(in);
  in.expect(")");
  out += ')';
}

}  // namespace

std::string bodyOf(std::string_view bodyStructure) {
  Cursor in(bodyStructure);
  std::string out;
  body(in, out);
  return out;
}

}  // namespace posthouse::message
