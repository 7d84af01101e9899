// Resource record data, RFC 1035 §3.3 and §3.4, RFC 3596 §2.2.
#include "dns/rdata.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/ascii.h"
#include "base/cursor.h"

namespace posthouse::dns {
namespace {

constexpr std::size_t kMaxName = 255;  // octets on the wire, RFC 1035 §2.3.4
constexpr std::size_t kMaxLabel = 63;

std::uint8_t octet(Cursor& in) {
  return static_cast<std::uint8_t>(in.takeOctets(1).front());
}

/// <domain-name>: labels, the last one empty. RFC 1035 §3.1
std::string domainName(Cursor& in) {
  std::string name;
  const std::size_t begin = in.position();
  while (const std::size_t length = octet(in)) {
    if (length > kMaxLabel) throw SyntaxError("a compressed name or a label too long");
    if (!name.empty()) name += '.';
    for (const char c : in.takeOctets(length)) {
      if (ascii::isAlnum(c) || c == '-' || c == '_') {
        name += ascii::toLower(c);
      } else {
        name += fmt::format("\\{:03}", static_cast<unsigned char>(c));
      }
    }
    if (in.position() - begin >= kMaxName) throw SyntaxError("name too long");
  }
  return name;
}

template <class Value, class Rule>
std::optional<Value> whole(std::string_view rdata, Rule rule) try {
  Cursor in(rdata);
  Value value = rule(in);
  if (!in.atEnd()) return std::nullopt;
  return value;
} catch (const SyntaxError&) {
  return std::nullopt;
}

std::optional<std::string> address(int family, std::size_t size, std::string_view rdata) {
  if (rdata.size() != size) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, rdata.data(), text.data(), text.size());
}

}  // namespace

std::optional<std::string> parseA(std::string_view rdata) {
  return address(AF_INET, 4, rdata);
}
std::optional<std::string> parseAaaa(std::string_view rdata) {
  return address(AF_INET6, 16, rdata);
}

std::optional<Mx> parseMx(std::string_view rdata) {
  return whole<Mx>(rdata, [](Cursor& in) {
    const int high = octet(in);
    const int low = octet(in);
    return Mx{static_cast<std::uint16_t>(high << 8 | low), domainName(in)};
  });
}

std::optional<std::string> parseTxt(std::string_view rdata) {
  return whole<std::string>(rdata, [](Cursor& in) {
    std::string text;
    do {  // one or more <character-string>s
      const std::size_t length = octet(in);
      text += in.takeOctets(length);
    } while (!in.atEnd());
    return text;
  });
}

std::optional<std::string> parseName(std::string_view rdata) {
  return whole<std::string>(rdata, domainName);
}

}  // namespace posthouse::dns
