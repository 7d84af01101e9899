#pragma once
#include <algorithm>

#include "net/patience.h"
#include "net/peer_watch.h"

namespace posthouse::net {

/// The patience of a wait for a peer, in parts: between them it is seen whether the peer is still there.
class WaitInParts {
 public:
  WaitInParts(const Patience& whole, const PeerWatch& watch) : deadline_(whole), watch_(watch), part_(whole) {}

  /// For the next part. Good until it is called again, by when a Wait that has it must be over.
  const Patience& next() {
    part_ = deadline_.left();
    const auto longest = watch_.untilLook();
    isLast_ = part_.timeout <= longest;
    part_.timeout = std::min(part_.timeout, longest);
    return part_;
  }
  /// What ended the part is only its time.
  bool hasMoreAfter(const Interrupted& interrupted) const noexcept {
    return interrupted.why == Interrupt::timeout && !isLast_;
  }

 private:
  Deadline deadline_;
  const PeerWatch& watch_;
  Patience part_;
  bool isLast_ = false;
};

}  // namespace posthouse::net
