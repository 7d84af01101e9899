#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::imap {

/// Separates the levels of a mailbox name.
inline constexpr char kHierarchySeparator = '/';

/// The UTF-8 name behind what a client sent in modified UTF-7, with INBOX (alone or as the first level) in capitals
/// (RFC 3501 §5.1); nothing if it is not modified UTF-7.
std::optional<std::string> mailboxName(std::string_view asSent);

/// True for a name that a mailbox may be given: levels that are not empty, no control characters or wildcards, not too
/// long (255 octets a level, 1,000 in all, 16 levels).
bool isCreatable(std::string_view name);

}  // namespace posthouse::imap
