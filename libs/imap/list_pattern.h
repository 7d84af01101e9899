#pragma once
#include <string_view>

namespace posthouse::imap {

/// True if LIST's `pattern` means `name` (both UTF-8): "*" stands for anything, "%" for anything without the hierarchy
/// separator (RFC 3501 §6.3.8). INBOX matches in either case. Takes name times pattern steps whatever the pattern is.
bool matchesListPattern(std::string_view pattern, std::string_view name);

}  // namespace posthouse::imap
