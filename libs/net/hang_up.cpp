#include "net/hang_up.h"

namespace posthouse::net {

Task<> hangUp(ByteStream& stream, std::chrono::milliseconds atMost) {
  constexpr std::size_t kDropped = std::size_t{1024} * 1024;
  const Deadline deadline(atMost);
  try {
    co_await stream.shutdown(deadline.left());
    std::string octets;
    for (std::size_t dropped = 0; dropped < kDropped; octets.clear()) {
      const std::size_t count = co_await stream.read(octets, deadline.left());
      if (count == 0) break;
      dropped += count;
    }
  } catch (const Interrupted&) {  // the peer stays: he has had his time
  } catch (const ConnectionLost&) {
  }
  stream.close();
}

}  // namespace posthouse::net
