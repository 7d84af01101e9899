// addr-spec read strictly, and addresses written: RFC 5322 §3.4.1, RFC 6532 §3.2.
#include "base/cursor.h"
#include "base/utf8.h"
#include "message/address.h"

namespace posthouse::message {

namespace {

/// atext, with UTF8-non-ascii
constexpr bool isAtext(char c) noexcept {
  return ascii::isAlnum(c) || ascii::isEightBit(c) || (c != 0 && std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c));
}

/// dot-atom-text = 1*atext *("." 1*atext)
std::string dotAtom(Cursor& in) {
  std::string text(in.expectWhile(isAtext, "a word"));
  while (in.take(".")) {
    text += '.';
    text += in.expectWhile(isAtext, "a word");
  }
  return text;
}

/// quoted-string = DQUOTE *qcontent DQUOTE
std::string quotedString(Cursor& in) {
  std::string text;
  in.expect("\"");
  while (!in.take("\"")) {
    char c = in.takeOctets(1).front();
    if (c == '\\') c = in.takeOctets(1).front();
    if (ascii::isControl(c) && c != '\t') throw SyntaxError("a control character in a quoted string");
    text += c;
  }
  return text;
}

/// domain-literal = "[" *dtext "]"
std::string domainLiteral(Cursor& in) {
  in.expect("[");
  const auto text = in.expectWhile([](char c) { return c > ' ' && c < 127 && c != '[' && c != ']' && c != '\\'; },
                                   "an address literal");
  in.expect("]");
  return "[" + std::string(text) + "]";
}

bool isDotAtom(std::string_view text) {
  bool wordBefore = false;
  for (const char c : text) {
    if (c == '.' ? !wordBefore : !isAtext(c)) return false;
    wordBefore = c != '.';
  }
  return wordBefore;
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// Whether a display name can stand without quotes: words of atext (or encoded words) with blanks between.
bool isPhrase(std::string_view name) {
  if (name.empty() || name.starts_with(' ') || name.ends_with(' ')) return false;
  for (const char c : name) {
    if (c != ' ' && !isAtext(c)) return false;
  }
  return true;
}

}  // namespace

std::optional<AddrSpec> parseAddrSpec(std::string_view text) try {
  if (!utf8::isValid(text)) return std::nullopt;
  Cursor in(text);
  AddrSpec address;
  address.localPart = in.peek() == '"' ? quotedString(in) : dotAtom(in);
  in.expect("@");
  address.domain = in.peek() == '[' ? domainLiteral(in) : dotAtom(in);
  if (!in.atEnd()) return std::nullopt;
  return address;
} catch (const SyntaxError&) {
  return std::nullopt;
}

std::string formatAddrSpec(std::string_view localPart, std::string_view domain) {
  if (localPart.empty() && domain.empty()) return {};
  std::string text = isDotAtom(localPart) ? std::string(localPart) : quote(localPart);
  if (!domain.empty()) text.append("@").append(domain);
  return text;
}

std::string format(const Address& address) {
  const auto name = [](const std::string& text) { return isPhrase(text) ? text : quote(text); };
  if (address.kind == Address::Kind::groupEnd) return ";";
  if (address.kind == Address::Kind::groupStart) return name(address.localPart) + ":";
  const std::string spec = formatAddrSpec(address.localPart, address.domain);
  if (address.displayName.empty()) return spec;
  return name(address.displayName) + " <" + spec + ">";
}

std::string format(std::span<const Address> addresses) {
  std::string list;
  bool comma = false;
  for (const Address& address : addresses) {
    const bool closes = address.kind == Address::Kind::groupEnd;
    if (!list.empty() && !closes) list += comma ? ", " : " ";
    list += format(address);
    comma = address.kind != Address::Kind::groupStart;
  }
  return list;
}

}  // namespace posthouse::message
