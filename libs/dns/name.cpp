#include "dns/name.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <idn2.h>

#include "base/ascii.h"

namespace posthouse::dns {

std::optional<std::string> asciiName(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty() || domain.find('\0') != std::string_view::npos) return std::nullopt;
  if (std::ranges::none_of(domain, ascii::isEightBit)) {
    if (domain.size() > 253) return std::nullopt;
    return ascii::toLower(domain);  // IDNA would refuse "_dmarc" and what else is ASCII but no host name
  }
  char* converted = nullptr;
  if (idn2_to_ascii_8z(std::string(domain).c_str(), &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
    return std::nullopt;
  std::string name(converted);
  idn2_free(converted);
  if (name.empty()) return std::nullopt;  // nothing but characters that are left out
  return name;
}

std::optional<std::string> reverseName(const std::string& address) {
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET, address.c_str(), octets.data()) == 1)
    return fmt::format("{}.{}.{}.{}.in-addr.arpa", octets[3], octets[2], octets[1], octets[0]);
  if (inet_pton(AF_INET6, address.c_str(), octets.data()) != 1) return std::nullopt;
  std::string name;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet)
    name += fmt::format("{:x}.{:x}.", *octet & 15, *octet >> 4);
  return name + "ip6.arpa";
}

}  // namespace posthouse::dns
