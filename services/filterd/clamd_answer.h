#pragma once
#include <string>
#include <string_view>

#include "virus_scanner.h"

namespace posthouse::filterd {

/// What another program said, as it may be shown in a reply and a log line: 100 printable ASCII characters at most.
std::string printable(std::string_view said);

/// clamd's answer to INSTREAM, without the NUL that ends it. `sentAll`: it was sent the whole message. Throws
/// ScannerAway for what makes no sense.
VirusScanner::Result parseScanAnswer(std::string_view answer, bool sentAll);

}  // namespace posthouse::filterd
