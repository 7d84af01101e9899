#include "rules/eicar.h"
#include "rules/gtube.h"
#include "rules/rule.h"

namespace posthouse::filterd {

std::span<const Rule> rules() {
  static constexpr Rule kRules[] = {kEicar, kGtube};
  return kRules;
}

}  // namespace posthouse::filterd
