#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "virus_scanner.h"

namespace posthouse::filterd {

// In pieces, so that no scanner takes this file away.
inline const std::string kGtubeText =
    std::string("XJS*C4JDBQADN1.NSBN3*2IDNEN*") + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
inline const std::string kEicarFile =
    std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}") + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// Finds what it is told to.
class FakeScanner final : public VirusScanner {
 public:
  Task<Result> scan(std::string_view message, net::Patience patience) override {
    ++asked;
    lastSize = message.size();
    lastTimeout = patience.timeout;
    if (away) throw ScannerAway("no such socket", why);
    co_return result;
  }
  Task<> ping(net::Patience) override {
    ++pinged;
    if (away) throw ScannerAway("no such socket", why);
    co_return;
  }

  Result result{.virus = "", .complete = true};
  bool away = false;
  ScannerAway::Why why = ScannerAway::Why::failed;
  unsigned asked = 0;
  unsigned pinged = 0;
  std::size_t lastSize = 0;
  std::chrono::milliseconds lastTimeout{0};
};

}  // namespace posthouse::filterd
