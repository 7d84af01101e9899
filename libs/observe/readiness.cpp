#include "observe/readiness.h"

namespace posthouse::observe {

std::vector<std::string> Readiness::reasons() const {
  std::vector<std::string> reasons;
  for (const auto& [name, check] : checks_) {
    if (const auto reason = check()) reasons.push_back(name + ": " + *reason);
  }
  tell_(reasons.empty());
  return reasons;
}

}  // namespace posthouse::observe
