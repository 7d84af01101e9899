#pragma once
#include <string>
#include <vector>

namespace posthouse::mailctl {

enum class Grade { ok, warn, fail };

/// One line of the doctor.
struct Finding {
  Grade grade = Grade::ok;
  std::string check;  // "certificates"
  std::string what;   // what was found
  std::string mend;   // what to do about it; empty if nothing is to be done
};

using Findings = std::vector<Finding>;

}  // namespace posthouse::mailctl
