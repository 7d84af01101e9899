#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/cursor.h"

namespace posthouse::smtp {

/// Whom a path names (RFC 5321 §4.1.2, with the UTF-8 of RFC 6531 §3.3).
struct Mailbox {
  std::string localPart;  // as meant: without quotes and backslashes
  std::string domain;     // as written, an address literal with its brackets; empty for <Postmaster> alone

  /// As written in a path, with the least quoting that is possible.
  std::string text() const;
  /// Whether it can be named only in a transaction with SMTPUTF8.
  bool isInternational() const;

  bool operator==(const Mailbox&) const = default;
};

/// The mailbox that the whole of `text` spells, or nothing.
std::optional<Mailbox> parseMailbox(std::string_view text);

/// Grammar functions of §4.1.2 and §4.1.3 for parsers: they throw SyntaxError. The octets are valid UTF-8.
Mailbox mailbox(Cursor& in);
std::string domain(Cursor& in);
std::string addressLiteral(Cursor& in);

}  // namespace posthouse::smtp
