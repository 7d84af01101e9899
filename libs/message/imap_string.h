#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::message {

/// Appends IMAP's string: quoted, or a literal if it holds CR, LF or an 8-bit octet. Valid in IMAP4rev1, rev2 and with
/// UTF8=ACCEPT. NUL, which a literal cannot hold (RFC 9051 §9, CHAR8), becomes "?".
void appendString(std::string& out, std::string_view value);

/// Appends nstring: NIL for nothing.
void appendNString(std::string& out, const std::optional<std::string>& value);

}  // namespace posthouse::message
