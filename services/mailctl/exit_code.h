#pragma once
#include <stdexcept>
#include <string>

namespace posthouse::mailctl {

/// What scripts read; see the README.
enum class ExitCode : int {
  done = 0,
  failed = 1,
  usage = 2,
  notFound = 3,
  exists = 4,
  partlyDone = 5,
  problemsFound = 6,
};

/// Ends a verb: the sentence goes to standard error.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& text) : std::runtime_error(text), code(code) {}

  ExitCode code;
};

}  // namespace posthouse::mailctl
