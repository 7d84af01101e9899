#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::mailctl::maildir {

/// A level of a folder's name: modified UTF-7 (RFC 3501 §5.1.3), or UTF-8 as some servers are set to write. Nothing if
/// it is neither, or has in it what no name here can have: '/', which separates levels, or a control character.
std::optional<std::string> levelName(std::string_view written);

/// The name here of levels as they are written there.
std::optional<std::string> folderName(const std::vector<std::string_view>& levels);

/// ".Sent.2025", without its first dot: "Sent/2025".
std::optional<std::string> folderName(std::string_view withDots);

/// The names in Dovecot's `subscriptions` (a line each, with dots or slashes; or after a line "V\t2", with tabs) or in
/// Courier's courierimapsubscribed (a line each, "INBOX." before all but INBOX). Lines that are no folder's name are
/// passed over.
std::vector<std::string> parseSubscriptions(std::string_view text);

}  // namespace posthouse::mailctl::maildir
