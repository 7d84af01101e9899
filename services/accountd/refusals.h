#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "address.h"
#include "administration.h"

namespace posthouse::accountd {

/// The sentences in which wishes are refused, and the parsing that most of them come from.
inline std::unexpected<Refusal> noSuchUser(std::string_view address) {
  return std::unexpected(Refusal{Refusal::Kind::notFound, "there is no user " + std::string(address)});
}

inline std::unexpected<Refusal> noSuchDomain(std::string_view domain) {
  return std::unexpected(Refusal{
      Refusal::Kind::notFound,
      "there is no domain " + std::string(domain) + "; add it with: mailctl domain add " + std::string(domain)});
}

inline std::unexpected<Refusal> noSuchAlias(std::string_view address) {
  return std::unexpected(Refusal{Refusal::Kind::notFound, "there is no alias " + std::string(address)});
}

inline std::unexpected<Refusal> invalid(std::string text) {
  return std::unexpected(Refusal{Refusal::Kind::invalid, std::move(text)});
}

inline Answer<std::string> readDomain(std::string_view text) {
  std::optional<std::string> domain = parseDomain(text);
  if (!domain) return invalid("\"" + std::string(text) + "\" is not a domain name");
  return std::move(*domain);
}

/// An address that an account or alias may have: one that no protocol has to quote.
inline Answer<Address> readAddress(std::string_view text) {
  std::optional<Address> address = parseAddress(text);
  if (!address) return invalid("\"" + std::string(text) + "\" is not an address like user@example.org");
  if (address->text().starts_with('"'))
    return invalid(address->text() + " needs quotes, which many programs do not understand; choose another name");
  return std::move(*address);
}

}  // namespace posthouse::accountd
