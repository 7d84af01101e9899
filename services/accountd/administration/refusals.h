#pragma once
#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "administration/principal.h"
#include "administration/refusal.h"
#include "directory/address.h"
#include "store/account_repository.h"

namespace posthouse::accountd {

/// The sentences in which wishes are refused, and the parsing that most of them come from.
inline std::unexpected<Refusal> notFound(std::string text) {
  return std::unexpected(Refusal{Refusal::Kind::notFound, std::move(text)});
}

inline std::unexpected<Refusal> noSuchUser(std::string_view address) {
  return notFound("there is no user " + std::string(address));
}

inline std::unexpected<Refusal> noSuchDomain(std::string_view domain) {
  return notFound("there is no domain " + std::string(domain) + "; add it with: mailctl domain add " +
                  std::string(domain));
}

inline std::unexpected<Refusal> noSuchAlias(std::string_view address) {
  return notFound("there is no alias " + std::string(address));
}

inline std::unexpected<Refusal> noSuchGroup(std::string_view address) {
  return notFound("there is no group or shared mailbox " + std::string(address));
}

/// `what`: "users" or "aliases".
inline std::unexpected<Refusal> full(std::string_view domain, std::string_view what) {
  return std::unexpected(Refusal{Refusal::Kind::limit, std::string(domain) + " has as many " + std::string(what) +
                                                           " as it may; see: mailctl domain show " +
                                                           std::string(domain)});
}

inline std::unexpected<Refusal> invalid(std::string text) {
  return std::unexpected(Refusal{Refusal::Kind::invalid, std::move(text)});
}

inline std::unexpected<Refusal> forbidden(std::string text) {
  return std::unexpected(Refusal{Refusal::Kind::forbidden, std::move(text)});
}

/// Why an address was not given to an account.
inline std::unexpected<Refusal> refused(store::DirectoryError error, const Address& address) {
  if (error == store::DirectoryError::noSuchDomain) return noSuchDomain(address.domain);
  if (error == store::DirectoryError::full) return full(address.domain, "users");
  return std::unexpected(Refusal{Refusal::Kind::exists, address.text() + " exists already"});
}

inline Answer<std::string> readDomain(std::string_view text) {
  std::optional<std::string> domain = parseDomain(text);
  if (!domain) return invalid("\"" + std::string(text) + "\" is not a domain name");
  return std::move(*domain);
}

/// The same where no domain means all.
inline Answer<std::string> readDomainOrAll(std::string_view text) {
  if (text.empty()) return std::string();
  return readDomain(text);
}

/// An address that an account or alias may have: one that no protocol has to quote.
inline Answer<Address> readAddress(std::string_view text) {
  std::optional<Address> address = parseAddress(text);
  if (!address) return invalid("\"" + std::string(text) + "\" is not an address like user@example.org");
  if (address->text().starts_with('"'))
    return invalid(address->text() + " needs quotes, which many programs do not understand; choose another name");
  return std::move(*address);
}

/// What is done to an address; `unseen` is what somebody hears who may not know of it.
inline Act actOn(std::string_view action, const Address& address, const std::unexpected<Refusal>& unseen,
                 Act::Right right = Act::Right::domain) {
  return {action, address.text(), address.domain, right, unseen.error()};
}

/// What is done to a domain; of all that may be seen if it is empty.
inline Act actOn(std::string_view action, const std::string& domain, Act::Right right = Act::Right::domain) {
  return {action, domain, domain, right, noSuchDomain(domain).error()};
}

/// Of one domain, or of all that the principal administers, by address.
template <class List>
auto listOf(const Principal& principal, const std::string& domain, std::size_t most, List list) {
  if (!domain.empty() || principal.mayEverything()) return list(domain);
  decltype(list(domain)) all;
  for (const std::string& one : principal.domains()) {
    auto some = list(one);
    std::ranges::move(some, std::back_inserter(all));
  }
  std::ranges::sort(all, {}, [](const auto& entry) -> const std::string& { return entry.address; });
  if (all.size() > most) all.resize(most);
  return all;
}

}  // namespace posthouse::accountd
