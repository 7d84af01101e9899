// String search filters, RFC 4515 §3. Only whether a text is one: libldap reads them.
#include "ldap/filter_syntax.h"

#include <fmt/format.h>

#include "base/cursor.h"

namespace posthouse::accountd::ldap {
namespace {

constexpr int kDeepest = 50;

void filter(Cursor& in, int depth);

/// filterlist = 1*filter
void filterList(Cursor& in, int depth) {
  do filter(in, depth);
  while (in.peek() == '(');
}

bool isAttributeCharacter(char c) {
  return ascii::isAlnum(c) || c == '-' || c == '.' || c == ';' || c == '_';
}

/// assertionvalue = 0*(normal / "\" HEX HEX), and "*" between parts of a substring.
void assertionValue(Cursor& in) {
  const auto isNormal = [](char c) { return c != '(' && c != ')' && c != '\\' && c != '\0'; };
  const auto isHex = [](char c) { return ascii::isDigit(c) || (ascii::toLower(c) >= 'a' && ascii::toLower(c) <= 'f'); };
  in.takeWhile(isNormal);
  while (in.take("\\")) {
    const std::string_view digits = in.takeOctets(2);
    if (!isHex(digits[0]) || !isHex(digits[1])) throw SyntaxError("expected two hexadecimal digits behind \\");
    in.takeWhile(isNormal);
  }
}

/// extensible = [attr] [":dn"] [":" matchingrule] ":=" assertionvalue
void matchingRule(Cursor& in) {
  while (!in.take(":=")) {
    in.expect(":");
    in.expectWhile(isAttributeCharacter, "a matching rule");
  }
}

/// item = attr ("=" / "~=" / ">=" / "<=") assertionvalue / extensible
void item(Cursor& in) {
  const std::string_view attribute = in.takeWhile(isAttributeCharacter);
  if (in.peek() == ':') {
    matchingRule(in);
  } else if (attribute.empty()) {
    throw SyntaxError("expected an attribute");
  } else if (!in.take("~=") && !in.take(">=") && !in.take("<=")) {
    in.expect("=");
  }
  assertionValue(in);
}

/// filter = "(" (and / or / not / item) ")"
void filter(Cursor& in, int depth) {
  if (depth > kDeepest) throw SyntaxError("filters are nested too deeply");
  in.expect("(");
  if (in.take("&") || in.take("|")) {
    filterList(in, depth + 1);
  } else if (in.take("!")) {
    filter(in, depth + 1);
  } else {
    item(in);
  }
  in.expect(")");
}

}  // namespace

std::optional<std::string> objectionToFilter(std::string_view text) {
  Cursor in(text);
  try {
    filter(in, 0);
    if (in.atEnd()) return std::nullopt;
    return fmt::format("is not a filter as in RFC 4515: there is more behind its end, at character {}",
                       in.position() + 1);
  } catch (const SyntaxError& error) {
    return fmt::format("is not a filter as in RFC 4515: {} at character {}", error.what(), in.position() + 1);
  }
}

}  // namespace posthouse::accountd::ldap
