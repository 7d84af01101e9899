#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The data of resource records: octets of a DNS answer in, values out. Names are uncompressed.
namespace posthouse::dns {

/// RFC 1035 §3.3.9. `exchange` has no final dot; it is empty for the root, which as the only MX says that the
/// domain takes no mail (RFC 7505).
struct Mx {
  std::uint16_t preference = 0;
  std::string exchange;
  bool operator==(const Mx&) const = default;
};

/// An IPv4 address as dotted decimal (RFC 1035 §3.4.1); nothing unless there are exactly 4 octets.
std::optional<std::string> parseA(std::string_view rdata);
/// An IPv6 address as RFC 5952 writes it (RFC 3596 §2.2); nothing unless there are exactly 16 octets.
std::optional<std::string> parseAaaa(std::string_view rdata);
std::optional<Mx> parseMx(std::string_view rdata);
/// The character-strings joined without a space, as SPF and DKIM want them (RFC 7208 §3.3).
std::optional<std::string> parseTxt(std::string_view rdata);
/// A name alone: PTR, CNAME. Lower case, without the final dot; octets that are not letters, digits, "-" or "_"
/// are written \DDD (RFC 1035 §5.1), so that a name never holds what a log or a header would take for something else.
std::optional<std::string> parseName(std::string_view rdata);

}  // namespace posthouse::dns
