#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::mailctl::maildir {

/// Why a file that begins so is not the message itself: Dovecot's plugins compress and encrypt. Nothing if it may be
/// one.
std::optional<std::string> objectionToFormat(std::string_view beginning);

}  // namespace posthouse::mailctl::maildir
