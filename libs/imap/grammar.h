#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/cursor.h"

/// The words that IMAP's commands are made of, RFC 3501 §9: one function a rule. All throw SyntaxError.
/// A command is parsed whole: a literal stands in it as it came, "{3}" CRLF and three octets.
namespace posthouse::imap::grammar {

/// ATOM-CHAR = <any CHAR except atom-specials>
bool isAtomChar(char c) noexcept;
/// ASTRING-CHAR = ATOM-CHAR / resp-specials
bool isAstringChar(char c) noexcept;

void space(Cursor& in);
std::string_view tag(Cursor& in);
std::string_view atom(Cursor& in);
std::string quoted(Cursor& in);
std::string literal(Cursor& in);
std::string string(Cursor& in);
std::string astring(Cursor& in);
std::optional<std::string> nstring(Cursor& in);
std::string listMailbox(Cursor& in);
std::uint32_t nzNumber(Cursor& in);

/// mailbox = "INBOX" / astring, decoded from modified UTF-7 to UTF-8 and brought to its canonical form.
std::string mailbox(Cursor& in);

}  // namespace posthouse::imap::grammar
