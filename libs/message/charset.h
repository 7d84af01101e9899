#pragma once
#include <string>
#include <string_view>

namespace posthouse::message {

/// Text of a charset as UTF-8, through ICU. Octets that mean nothing become U+FFFD. An unknown charset, US-ASCII
/// included, is read as UTF-8. ISO-8859-1 is read as windows-1252, which is what its writers mean.
std::string toUtf8(std::string_view text, std::string_view charset);

/// The text with every octet that is not UTF-8 replaced by U+FFFD.
std::string repairUtf8(std::string_view text);

}  // namespace posthouse::message
