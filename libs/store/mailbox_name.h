#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::store {

/// The levels of a full mailbox name, INBOX in capitals if it is the first. Nothing if the name cannot be a mailbox's:
/// an empty level, a control character, too long or too deep. One separator at the end is overlooked: it says that more
/// will be made below (RFC 3501 §6.3.3).
std::optional<std::vector<std::string>> mailboxLevels(std::string_view name);

/// The levels with separators between them.
std::string mailboxName(const std::vector<std::string>& levels);

}  // namespace posthouse::store
