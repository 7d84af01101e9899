#include "reading_memory.h"

#include <algorithm>

namespace posthouse::imapd {

Task<ReadingMemory::Hold> ReadingMemory::take(std::uint64_t octets, std::stop_token stop) {
  octets = std::min(octets, room_);
  net::WaitingLine::Place place(line_);
  while (!place.isFirst() || octets > room_ - held_) co_await place.wait(stop);
  co_return Hold(*this, octets);
}

void ReadingMemory::release(std::uint64_t octets) noexcept {
  held_ -= octets;
  line_.wake();
}

}  // namespace posthouse::imapd
