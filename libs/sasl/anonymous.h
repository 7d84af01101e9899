#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "sasl/malformed.h"

namespace posthouse::sasl {

/// ANONYMOUS's one message (RFC 4505 §2): what the client wants to leave as its trace, an address or any text without
/// an
/// "@", of at most 255 characters; empty if it leaves none. Fit for a log: the characters that §3 prohibits (controls,
/// private use, tags, what changes the direction or the look of text) are refused. Whether the directions of what is
/// left agree (RFC 3454 §6) is not asked.
std::expected<std::string, Malformed> parseAnonymous(std::string_view response);

}  // namespace posthouse::sasl
