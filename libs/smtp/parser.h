#pragma once
#include <cstddef>
#include <expected>
#include <string_view>

#include "smtp/command.h"
#include "smtp/reply.h"

namespace posthouse::smtp {

/// Octets of a command line with its CRLF: the 512 of RFC 5321 §4.5.3.1.4 and what the parameters of extensions add
/// (RFC 3461 §5.4 alone asks for 1,036 in RCPT).
constexpr std::size_t kMaxCommandLine = 2048;
/// Octets of a line in an AUTH exchange (RFC 4954 §4).
constexpr std::size_t kMaxAuthLine = 12288;

/// The command that `line`, without its CRLF, spells, or the reply that refuses it: 500 for a verb that nobody knows,
/// 501 for an argument, 555 for a parameter that is not among `extensions`. Which commands have a place in this
/// protocol and at this time is the session's business.
std::expected<Command, Reply> parseCommand(std::string_view line, const Extensions& extensions = {});

}  // namespace posthouse::smtp
