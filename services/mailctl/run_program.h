#pragma once
#include <optional>
#include <string>
#include <vector>

namespace posthouse::mailctl {

/// Where a program of the suite is: beside mailctl, or in PATH. Nothing if it is not installed here.
std::optional<std::string> findProgram(const std::string& name);

struct ProgramResult {
  int status = 0;      // its exit status, or 128 + the signal that ended it
  std::string output;  // standard output and error together
};

/// Runs a program to its end. Throws std::runtime_error if it cannot be started.
ProgramResult runProgram(const std::string& path, const std::vector<std::string>& arguments);

}  // namespace posthouse::mailctl
