#pragma once
#include <optional>
#include <string>
#include <string_view>

/// Base 64 for URLs and file names (RFC 4648 §5), without padding, as JSON Web Tokens have it (RFC 7515 §2).
namespace posthouse::base64url {

std::string encode(std::string_view octets);

/// The octets, or nothing if `text` is not what encode() makes of any: foreign characters, padding, a length that no
/// octets have, or non-zero trailing bits.
std::optional<std::string> decode(std::string_view text);

}  // namespace posthouse::base64url
