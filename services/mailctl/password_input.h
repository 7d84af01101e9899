#pragma once
#include <string>

namespace posthouse::mailctl {

/// A password from standard input: its first line. On a terminal it is asked for, twice, and not shown.
/// Throws Failure if there is none or the two differ.
std::string readPassword();

}  // namespace posthouse::mailctl
