// clamd's answers: a virus is named only if one was found, in words that fit a reply and a log line; nothing is
// complete that was not sent whole; and no answer but one of OK says that a message is clean.
#include "clamd_answer.h"

#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"

using namespace posthouse;
using namespace posthouse::filterd;

namespace {

void checkShown(std::string_view shown, std::size_t limit) {
  if (shown.size() > limit) std::abort();
  for (const char c : shown) {
    if (ascii::isControl(c) || ascii::isEightBit(c)) std::abort();
  }
}

void checkAnswer(const std::string& answer) {
  for (const bool sentAll : {false, true}) {
    try {
      const VirusScanner::Result result = parseScanAnswer(answer, sentAll);
      checkShown(result.virus, 100);
      if (result.virus.empty() && result.complete && answer != "stream: OK") std::abort();
      if (result.complete && !sentAll) std::abort();
    } catch (const ScannerAway& away) {
      checkShown(away.what(), 120);
      if (answer == "stream: OK" || away.why != ScannerAway::Why::failed) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  checkAnswer(text);
  checkAnswer("stream: " + text);
  if (text.empty()) return 0;
  const VirusScanner::Result found = parseScanAnswer("stream: " + text + " FOUND", true);
  if (found.virus != printable(text) || found.virus.empty()) std::abort();
  return 0;
}
