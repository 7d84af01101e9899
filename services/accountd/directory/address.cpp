// Mailboxes, RFC 5321 §4.1.2 and RFC 6531 §3.3; IDNA 2008, RFC 5891; user names, RFC 8265 §3.3.
#include "directory/address.h"

#include <idn2.h>

#include <memory>

#include "base/ascii.h"
#include "base/cursor.h"
#include "directory/prepare.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321 §4.5.3.1.1
constexpr std::size_t kMaxDomain = 253;    // 255 octets on the wire of the DNS
constexpr std::size_t kMaxAddress = 1024;  // before UTF-8 becomes ASCII: enough for any that is not refused below

/// atext = ALPHA / DIGIT / "!" … "~" / UTF8-non-ascii
bool isAtext(char c) {
  return ascii::isAlnum(c) || ascii::isEightBit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

/// Dot-string = Atom *("." Atom)
std::string dotString(Cursor& in) {
  std::string text(in.expectWhile(isAtext, "a local part"));
  while (in.take(".")) text.append(".").append(in.expectWhile(isAtext, "an atom"));
  return text;
}

/// Quoted-string = DQUOTE *QcontentSMTP DQUOTE, without the quotes and backslashes.
std::string quotedString(Cursor& in) {
  in.expect("\"");
  std::string text;
  while (!in.take("\"")) {
    in.take("\\");
    const char c = in.takeOctets(1).front();
    if (ascii::isControl(c)) throw SyntaxError("a control character in a local part");
    text.push_back(c);
  }
  return text;
}

bool isDotString(std::string_view text) {
  try {
    Cursor in(text);
    dotString(in);
    return in.atEnd();
  } catch (const SyntaxError&) {
    return false;
  }
}

/// Letters, digits and hyphens, no hyphen at an end, 1 to 63 octets.
bool isHostLabel(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return ascii::isAlnum(c) || c == '-'; });
}

bool isHostName(std::string_view name) {
  if (name.empty() || name.size() > kMaxDomain) return false;
  for (std::size_t begin = 0;;) {
    const std::size_t dot = name.find('.', begin);
    if (!isHostLabel(name.substr(begin, dot - begin))) return false;
    if (dot == name.npos) return true;
    begin = dot + 1;
  }
}

struct FreeIdn {
  void operator()(char* text) const noexcept { idn2_free(text); }
};

}  // namespace

std::string Address::text() const {
  if (isDotString(localPart)) return localPart + "@" + domain;
  std::string quoted = "\"";
  for (const char c : localPart) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"@" + domain;
}

std::optional<Address> Address::withoutDetail(std::string_view separators) const {
  const std::size_t first = localPart.find_first_of(separators);
  if (first == localPart.npos || first == 0) return std::nullopt;
  std::string user = localPart.substr(0, first);
  if (prepareName(user) != user) return std::nullopt;  // right to left, its end may have been in the detail
  return Address{std::move(user), domain};
}

std::optional<Address> parseAddress(std::string_view text) try {
  if (text.size() > kMaxAddress) return std::nullopt;
  Cursor in(text);
  const std::string local = in.peek() == '"' ? quotedString(in) : dotString(in);
  in.expect("@");
  std::optional<std::string> localPart = prepareName(local);
  std::optional<std::string> domain = parseDomain(in.rest());
  if (!localPart || localPart->empty() || localPart->size() > kMaxLocalPart || !domain) return std::nullopt;
  return Address{std::move(*localPart), std::move(*domain)};
} catch (const SyntaxError&) {
  return std::nullopt;
}

std::optional<std::string> parseDomain(std::string_view text) {
  if (text.size() > kMaxAddress || text.contains('\0')) return std::nullopt;
  char* output = nullptr;
  constexpr int kFlags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  if (idn2_to_ascii_8z(std::string(text).c_str(), &output, kFlags) != IDN2_OK) return std::nullopt;
  const std::unique_ptr<char, FreeIdn> owned(output);
  std::string name = ascii::toLower(output);
  if (!isHostName(name)) return std::nullopt;
  return name;
}

}  // namespace posthouse::accountd
