#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::imap {

/// UTF-8 to modified UTF-7, RFC 3501 §5.1.3. What is not UTF-8 becomes U+FFFD.
std::string encodeUtf7(std::string_view utf8);

/// Modified UTF-7 to UTF-8, or nothing where `text` is not the one canonical encoding: printable ASCII in base 64,
/// a shift that follows a shift, lone surrogates, octets outside of printable ASCII.
std::optional<std::string> decodeUtf7(std::string_view text);

}  // namespace posthouse::imap
