#pragma once
#include <string>
#include <string_view>

namespace posthouse::mailctl {

/// A password, or what else `name` says, from standard input: its first line. On a terminal it is asked for, twice, and
/// not shown. Throws Failure if there is none, with the `command` to give it to, or the two differ.
std::string readPassword(std::string_view name = "password",
                         std::string_view command = "user add ADDRESS --password-stdin");

}  // namespace posthouse::mailctl
