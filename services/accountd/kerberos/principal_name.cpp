// The string form of a principal's name, RFC 1964 §2.1.1.
#include "kerberos/principal_name.h"

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/utf8.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxName = 512;  // octets

/// Of what the RFC lets be quoted, only the separators and the quote itself are in anybody's name.
bool isSpecial(char c) {
  return c == '/' || c == '@' || c == '\\';
}

bool isPlain(char c) {
  return !isSpecial(c) && !ascii::isControl(c);
}

/// component = 1*(plain / "\" special)
void component(Cursor& in) {
  const std::size_t start = in.position();
  while (true) {
    in.takeWhile(isPlain);
    if (!in.take("\\")) break;
    if (!isSpecial(in.peek())) throw SyntaxError("a needless '\\'");
    in.takeOctets(1);
  }
  if (in.position() == start) throw SyntaxError("an empty component");
}

/// principal = component *("/" component) "@" realm
void principalName(Cursor& in) {
  component(in);
  while (in.take("/")) component(in);
  in.expect("@");
  in.expectWhile(isPlain, "a realm");
  if (!in.atEnd()) throw SyntaxError("more than a principal");
}

}  // namespace

bool isPrincipalName(std::string_view text) try {
  if (text.size() > kMaxName || !utf8::isValid(text)) return false;
  Cursor in(text);
  principalName(in);
  return true;
} catch (const SyntaxError&) {
  return false;
}

bool isWellKnownRealm(std::string_view principal) {
  return principal.substr(principal.rfind('@') + 1).starts_with("WELLKNOWN:");
}

}  // namespace posthouse::accountd
