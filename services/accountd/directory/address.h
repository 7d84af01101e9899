#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::accountd {

/// An address in the one form in which it is stored and compared: the local part without its quotes, in lower case and
/// NFC (as RFC 8265 §3.3 maps user names); the domain in lower case and ASCII ("xn--…", RFC 5890). Two spellings of one
/// mailbox are equal.
struct Address {
  std::string localPart;
  std::string domain;

  /// As SMTP writes it, the local part quoted where it must be.
  std::string text() const;

  /// "user" of "user+detail" (RFC 5233), where the first of the separators stands; nothing without a detail or without
  /// a user, or where the user would be no name by itself.
  std::optional<Address> withoutDetail(std::string_view separators) const;

  auto operator<=>(const Address&) const = default;
};

/// Mailbox = Local-part "@" Domain (RFC 5321 §4.1.2, with UTF-8 as in RFC 6531 §3.3), without angle brackets.
/// Nothing if it is no such thing, too long (RFC 5321 §4.5.3.1), or has an address literal for a domain.
std::optional<Address> parseAddress(std::string_view text);

/// A domain name as it is stored. Nothing if it is not one: an empty or overlong label, a character that no host name
/// has (RFC 1123 §2.1), or letters that IDNA 2008 does not allow.
std::optional<std::string> parseDomain(std::string_view text);

}  // namespace posthouse::accountd
