#pragma once
#include <string>
#include <string_view>

namespace posthouse::message {

/// Unstructured text (an unfolded Subject, a display name) with its encoded words decoded, as UTF-8 (RFC 2047). Blanks
/// between two encoded words vanish; a character split over two of one charset is joined. What only looks like an
/// encoded word stays. Octets that are not UTF-8 become U+FFFD.
std::string decodeEncodedWords(std::string_view text);

/// UTF-8 text as it may stand in a header: itself if it is printable ASCII that cannot be mistaken for an encoded word,
/// else encoded words of 75 characters at most, with a space between them.
std::string encodeWords(std::string_view utf8);

}  // namespace posthouse::message
