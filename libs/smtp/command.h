#pragma once
#include <optional>
#include <string>
#include <variant>

#include "smtp/parameters.h"

namespace posthouse::smtp {

/// The commands of SMTP (RFC 5321 §4.1.1) and LMTP (RFC 2033), a type each. Paths are without their angle brackets,
/// source routes dropped, mailboxes spelled with the least quoting; `mailbox.h` takes them apart.

// clang-format off
struct Helo { std::string domain; bool operator==(const Helo&) const = default; };
struct Ehlo { std::string domain; bool operator==(const Ehlo&) const = default; };
struct Lhlo { std::string domain; bool operator==(const Lhlo&) const = default; };
struct Data { bool operator==(const Data&) const = default; };
struct Rset { bool operator==(const Rset&) const = default; };
struct Noop { bool operator==(const Noop&) const = default; };
struct Quit { bool operator==(const Quit&) const = default; };
struct StartTls { bool operator==(const StartTls&) const = default; };  // RFC 3207
struct Help { std::string topic; bool operator==(const Help&) const = default; };
struct Vrfy { std::string argument; bool operator==(const Vrfy&) const = default; };
struct Expn { std::string argument; bool operator==(const Expn&) const = default; };
// clang-format on

struct Mail {
  std::string reversePath;  // empty: <>, a notification that is never answered by another (§4.5.5)
  MailParameters parameters = {};
  bool operator==(const Mail&) const = default;
};

struct Rcpt {
  std::string forwardPath;  // without a domain only for <Postmaster>
  RcptParameters parameters = {};
  bool operator==(const Rcpt&) const = default;
};

/// RFC 4954 §4.
struct Auth {
  std::string mechanism;                       // in capitals
  std::optional<std::string> initialResponse;  // decoded; empty is not the same as absent
  bool operator==(const Auth&) const = default;
};

using Command = std::variant<Helo, Ehlo, Lhlo, Mail, Rcpt, Data, Rset, Noop, Quit, StartTls, Help, Vrfy, Expn, Auth>;

/// As a client sends it, without CRLF.
std::string text(const Command& command);

}  // namespace posthouse::smtp
