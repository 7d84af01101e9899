#include "net/peer_watch.h"

#include <algorithm>

#include "net/tcp_state.h"

namespace posthouse::net {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

}  // namespace

PeerWatch::PeerWatch(std::chrono::milliseconds silence)
    : silence_(silence), next_(silence == Patience::kForever ? Time::max() : Clock::now() + silence / 2) {}

bool PeerWatch::hasPeerGone(int socket) {
  if (next_ == Time::max()) return false;
  const auto now = Clock::now();
  if (now < next_) return false;
  const bool isSilent = tcp::isPeerSilent(socket, silence_);
  if (isSilent && isSuspected_) return true;
  isSuspected_ = isSilent;
  next_ = now + (isSilent ? std::min<std::chrono::milliseconds>(silence_ / 4, 5s) : silence_ / 2);
  return false;
}

std::chrono::milliseconds PeerWatch::untilLook() const {
  if (next_ == Time::max()) return Patience::kForever;
  return std::max(1ms, std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now()));
}

}  // namespace posthouse::net
