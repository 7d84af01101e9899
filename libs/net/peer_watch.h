#pragma once
#include <chrono>

#include "net/patience.h"

namespace posthouse::net {

/// A client whose system answers nothing for so long has gone: until then it holds what it had.
inline constexpr std::chrono::milliseconds kSilence = std::chrono::minutes(3);

/// Finds out that the peer of a TCP connection has gone while something is on its way to it: keepalive asks only where
/// nothing is. It is looked for twice in the silence that a peer may keep, and who seems to have gone is looked for
/// once more, soon: what he answers may be on its way.
class PeerWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Patience::kForever: nobody is looked for.
  explicit PeerWatch(std::chrono::milliseconds silence);

  /// Looks if it is time to.
  bool hasPeerGone(int socket);
  /// Until it is time to look again; at least a millisecond. Patience::kForever: never.
  std::chrono::milliseconds untilLook() const;

 private:
  const std::chrono::milliseconds silence_;
  Time next_;
  bool isSuspected_ = false;
};

}  // namespace posthouse::net
