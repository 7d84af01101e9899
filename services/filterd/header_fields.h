#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verdict.h"

namespace posthouse::filterd {

/// The fields that mean our verdict to whoever reads the mail: a sender's own are dropped.
std::span<const std::string_view> reservedFieldNames();

/// What an accepted message is given: the verdict on spam, and, `scannedBy` a host with clamd, that it was looked at
/// for viruses.
std::vector<HeaderField> verdictFields(double score, double required, const std::vector<std::string>& symbols,
                                       const std::string& scannedBy);

}  // namespace posthouse::filterd
