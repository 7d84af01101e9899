#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::message {

/// How many ids of References are kept: the last ones, which are nearest.
inline constexpr std::size_t kMaxMessageIds = 1000;

/// The message ids in References or In-Reply-To, without their angle brackets, in order; words and comments between are
/// skipped. Quoting is undone, so that equal ids are equal octets (RFC 5256 §3).
std::vector<std::string> parseMessageIds(std::string_view value);

/// The id of a Message-ID field without angle brackets. A value without any is taken as it is, without blanks around
/// it. Nothing if empty.
std::optional<std::string> parseMessageId(std::string_view value);

}  // namespace posthouse::message
