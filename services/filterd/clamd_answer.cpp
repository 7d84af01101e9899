// What clamd answers, clamd(8): "stream: OK", "stream: NAME FOUND", or "INSTREAM size limit exceeded. ERROR".
#include "clamd_answer.h"

#include <algorithm>

#include "base/ascii.h"

namespace posthouse::filterd {

std::string printable(std::string_view said) {
  std::string shown(said.substr(0, 100));
  std::ranges::replace_if(shown, [](char c) { return ascii::isControl(c) || ascii::isEightBit(c); }, '?');
  return shown;
}

VirusScanner::Result parseScanAnswer(std::string_view answer, bool sentAll) {
  constexpr std::string_view kSubject = "stream: ";
  constexpr std::string_view kFound = " FOUND";
  if (answer == "stream: OK") return {.virus = "", .complete = sentAll};
  if (answer.starts_with(kSubject) && answer.ends_with(kFound) && answer.size() > kSubject.size() + kFound.size()) {
    answer.remove_prefix(kSubject.size());
    answer.remove_suffix(kFound.size());
    return {.virus = printable(answer), .complete = sentAll};
  }
  if (answer.starts_with("INSTREAM size limit exceeded")) return {.virus = "", .complete = false};
  throw ScannerAway("clamd said: " + printable(answer));
}

}  // namespace posthouse::filterd
