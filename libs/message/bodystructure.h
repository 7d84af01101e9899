#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "message/mime.h"

namespace posthouse::message {

/// Octets of a BODYSTRUCTURE past which parts are described by their types, encodings and sizes alone.
inline constexpr std::size_t kMaxBodyStructure = 128 * 1024;

/// BODYSTRUCTURE as IMAP sends it, with all extension data (RFC 9051 §7.5.2), ready for the wire, literals included.
/// Types and parameter names are in lower case; a text part without a charset has "us-ascii". `message` is what `part`
/// was parsed from: the envelopes of messages inside are read from it.
std::string renderBodyStructure(std::string_view message, const Part& part);

/// BODY, the same without extension data. Only BODYSTRUCTURE is computed at delivery and stored: this makes BODY of it
/// in one pass. `bodyStructure` must be what renderBodyStructure gave; throws SyntaxError if it is something else.
std::string bodyOf(std::string_view bodyStructure);

}  // namespace posthouse::message
