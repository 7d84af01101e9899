#pragma once
#include "rules/rule.h"

namespace posthouse::filterd {

/// The test file of the European Institute for Computer Antivirus Research: 68 octets that every scanner takes for a
/// virus. Found anywhere in a part, not only as the whole file, since testers paste it into the text of a mail.
bool holdsEicar(std::string_view octets);

inline constexpr Rule kEicar{.symbol = "EICAR", .score = 0, .isVirus = true, .hits = holdsEicar};

}  // namespace posthouse::filterd
