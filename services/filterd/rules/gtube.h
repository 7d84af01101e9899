#pragma once
#include "rules/rule.h"

namespace posthouse::filterd {

/// The Generic Test for Unsolicited Bulk Email: 68 octets that every filter takes for spam, so that a mail system can
/// be tried without sending any (spamassassin.apache.org/gtube).
bool holdsGtube(std::string_view octets);

inline constexpr Rule kGtube{.symbol = "GTUBE", .score = 1000, .isVirus = false, .hits = holdsGtube};

}  // namespace posthouse::filterd
