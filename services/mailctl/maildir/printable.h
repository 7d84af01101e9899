#pragma once
#include <string>
#include <string_view>

namespace posthouse::mailctl::maildir {

/// A name as a terminal and JSON may have it: UTF-8 without control characters; octets that are none are written as
/// "\xE9".
std::string printable(std::string_view text);

}  // namespace posthouse::mailctl::maildir
