#pragma once
#include <string>

namespace posthouse::mailctl {

/// A whole file; "-" is standard input. Throws Failure if it cannot be read.
std::string readInput(const std::string& file);

}  // namespace posthouse::mailctl
