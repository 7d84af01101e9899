#pragma once
#include <string>
#include <string_view>

namespace posthouse::pop3d {

/// A name of this process that no other has: the boot of the system, the namespace of its process ids, its own, and
/// when it began (proc(5)). Empty where /proc does not tell.
std::string processName();

/// Whether the process with this name has certainly ended: it was one of this system's, in this namespace, and is not
/// there any more. False whenever that cannot be told from here.
bool hasEnded(std::string_view processName);

}  // namespace posthouse::pop3d
