#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::base64 {

/// Base 64 with padding, no line breaks (RFC 4648 §4).
std::string encode(std::string_view octets);

/// The octets, or nothing if `text` is not canonical base 64: foreign characters, wrong padding or
/// non-zero trailing bits (RFC 4648 §3.3, §3.5). MIME bodies, which may hold anything, are decoded in message/.
std::optional<std::string> decode(std::string_view text);

}  // namespace posthouse::base64
