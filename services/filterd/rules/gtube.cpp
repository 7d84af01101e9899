#include "rules/gtube.h"

namespace posthouse::filterd {

bool holdsGtube(std::string_view octets) {
  // In two pieces, so that this file is not spam itself.
  constexpr std::string_view kPattern =
      "XJS*C4JDBQADN1.NSBN3*2IDNEN*"
      "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
  static_assert(kPattern.size() == 68);
  return octets.contains(kPattern);
}

}  // namespace posthouse::filterd
