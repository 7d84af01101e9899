// Mailboxes, domains and address literals, RFC 5321 §4.1.2 and §4.1.3, RFC 6531 §3.3.
#include "smtp/mailbox.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/utf8.h"

namespace posthouse::smtp {
namespace {

constexpr std::size_t kMaxDomain = 255;  // §4.5.3.1.2
constexpr std::size_t kMaxLabel = 63;    // RFC 1035 §2.3.4
// §4.5.3.1.1 asks for 64 at least; return addresses with a recipient inside (VERP, SRS) are longer in practice.
constexpr std::size_t kMaxLocalPart = 255;

/// atext, RFC 5322 §3.2.3; atext =/ UTF8-non-ascii, RFC 6531 §3.3
bool isAtext(char c) {
  return ascii::isAlnum(c) || ascii::isEightBit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

/// Dot-string = Atom *("." Atom)
bool isDotString(std::string_view text) {
  bool atomSeen = false;
  for (const char c : text) {
    if (c != '.' && !isAtext(c)) return false;
    if (c == '.' && !atomSeen) return false;
    atomSeen = c != '.';
  }
  return atomSeen;
}

/// Quoted-string = DQUOTE *QcontentSMTP DQUOTE
std::string quotedString(Cursor& in) {
  std::string content;
  in.expect("\"");
  while (!in.take("\"")) {
    if (in.take("\\") && (in.peek() < ' ' || in.peek() > '~'))
      throw SyntaxError("backslash before no printable character");
    if (in.atEnd() || ascii::isControl(in.peek())) throw SyntaxError("quoted local part without its end");
    content += in.takeOctets(1);
  }
  return content;
}

/// Local-part = Dot-string / Quoted-string
std::string localPart(Cursor& in) {
  std::string local;
  if (in.peek() == '"') {
    local = quotedString(in);
  } else {
    local = in.expectWhile([](char c) { return isAtext(c) || c == '.'; }, "a local part");
    if (!isDotString(local)) throw SyntaxError("misplaced dot in the local part");
  }
  if (local.size() > kMaxLocalPart) throw SyntaxError("local part too long");
  return local;
}

/// sub-domain = Let-dig [Ldh-str]; sub-domain =/ U-label, RFC 6531 §3.3
void subDomain(Cursor& in) {
  const auto isLetDig = [](char c) { return ascii::isAlnum(c) || ascii::isEightBit(c); };
  const std::string_view label = in.expectWhile([&](char c) { return isLetDig(c) || c == '-'; }, "a domain");
  if (!isLetDig(label.front()) || !isLetDig(label.back())) throw SyntaxError("a label begins or ends with a hyphen");
  if (label.size() > kMaxLabel) throw SyntaxError("a label of more than 63 octets");
}

}  // namespace

std::string Mailbox::text() const {
  std::string written;
  if (isDotString(localPart)) {
    written = localPart;
  } else {
    written = '"';
    for (const char c : localPart) {
      if (c == '"' || c == '\\') written += '\\';
      written += c;
    }
    written += '"';
  }
  return domain.empty() ? written : written + '@' + domain;
}

bool Mailbox::isInternational() const {
  return std::ranges::any_of(localPart, ascii::isEightBit) || std::ranges::any_of(domain, ascii::isEightBit);
}

/// Domain = sub-domain *("." sub-domain)
std::string domain(Cursor& in) {
  const std::string_view start = in.rest();
  do {
    subDomain(in);
  } while (in.take("."));
  const std::string_view name = start.substr(0, start.size() - in.rest().size());
  if (name.size() > kMaxDomain) throw SyntaxError("domain too long");
  return std::string(name);
}

/// address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
/// No tag but "IPv6" has been registered, so there is no general literal.
std::string addressLiteral(Cursor& in) {
  const std::string_view start = in.rest();
  in.expect("[");
  const bool six = in.take("IPv6:");
  const std::string address(
      in.expectWhile([](char c) { return ascii::isHexDigit(c) || c == '.' || c == ':'; }, "an address"));
  in.expect("]");
  in6_addr binary{};  // large enough for both
  if (::inet_pton(six ? AF_INET6 : AF_INET, address.c_str(), &binary) != 1) throw SyntaxError("not an IP address");
  return std::string(start.substr(0, start.size() - in.rest().size()));
}

/// Mailbox = Local-part "@" ( Domain / address-literal )
Mailbox mailbox(Cursor& in) {
  Mailbox read;
  read.localPart = localPart(in);
  in.expect("@");
  read.domain = in.peek() == '[' ? addressLiteral(in) : domain(in);
  return read;
}

std::optional<Mailbox> parseMailbox(std::string_view text) try {
  if (!utf8::isValid(text)) return std::nullopt;
  Cursor in(text);
  Mailbox read = mailbox(in);
  if (!in.atEnd()) return std::nullopt;
  return read;
} catch (const SyntaxError&) {
  return std::nullopt;
}

}  // namespace posthouse::smtp
