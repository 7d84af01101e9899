#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "pop3/reply.h"

namespace posthouse::pop3 {

/// A message's number in one session: 1 is the first of the maildrop (RFC 1939 §5). Never 0.
enum class MessageNumber : std::uint32_t {};

struct Capa {};  // RFC 2449 §5
struct Stls {};  // RFC 2595 §4
struct Quit {};
struct Stat {};
struct Noop {};
struct Rset {};
struct User {
  std::string name;
};
struct Pass {
  std::string password;
};
/// APOP name digest, RFC 1939 §7.
struct Apop {
  std::string name;    // may hold spaces, as USER's
  std::string digest;  // 32 lower-case hexadecimal digits
};
/// AUTH mechanism [initial-response], RFC 5034 §4.
struct Auth {
  std::string mechanism;                       // in capitals
  std::optional<std::string> initialResponse;  // as sent: base 64, or "=" for one that is empty
};
/// AUTH with nothing behind it asks for the mechanisms; older than RFC 5034, and still sent by mail programs.
struct ListMechanisms {};
struct List {
  std::optional<MessageNumber> message;  // without: all of them
};
struct Uidl {
  std::optional<MessageNumber> message;
};
struct Retr {
  MessageNumber message;
};
struct Dele {
  MessageNumber message;
};
struct Top {
  MessageNumber message;
  std::uint64_t lines;  // of the body
};

struct Utf8 {};  // RFC 6856 §2.1
/// LANG [language-range], RFC 6856 §3.2.
struct Lang {
  std::optional<std::string> range;  // as sent: a basic language range (RFC 4647 §2.1), or "*"; without: a listing
};

using Command = std::variant<Capa, Stls, Quit, Stat, Noop, Rset, User, Pass, Apop, Auth, ListMechanisms, List, Uidl,
                             Retr, Dele, Top, Utf8, Lang>;

/// The command in a line without its CRLF, or the reply that says what is wrong with it. Keywords match in either case.
/// More than one blank between arguments and blanks at the end are forgiven, but for USER and PASS, whose single
/// argument is all that follows the first space: names and passwords may hold spaces (RFC 1939 §7, PASS); so may the
/// name of APOP, which ends at the last.
std::expected<Command, Reply> parseCommand(std::string_view line);

/// The command's keyword in capitals. Closed set: fit for a metric's label.
std::string_view keyword(const Command& command);

}  // namespace posthouse::pop3
