#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::accountd::ldap {

/// What is wrong with a search filter (RFC 4515), to stand behind the key's name; nothing if it is one.
std::optional<std::string> objectionToFilter(std::string_view filter);

}  // namespace posthouse::accountd::ldap
