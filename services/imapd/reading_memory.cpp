#include "reading_memory.h"

#include <algorithm>

namespace posthouse::imapd {

/// A place in the line, left at the end of its scope: then the next looks around.
class ReadingMemory::Place {
 public:
  explicit Place(ReadingMemory& owner) : owner_(owner), at_(owner.line_.insert(owner.line_.end(), nullptr)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    owner_.line_.erase(at_);
    owner_.wakeFirst();
  }

  bool isFirst() const noexcept { return at_ == owner_.line_.begin(); }

  Task<> wait(std::stop_token stop) {
    const net::Patience patience(net::Patience::kForever, std::move(stop));
    net::Wait wait(owner_.loop_, patience);
    *at_ = &wait;
    try {
      co_await wait;
    } catch (...) {
      *at_ = nullptr;
      throw;
    }
  }

 private:
  ReadingMemory& owner_;
  Line::iterator at_;
};

Task<ReadingMemory::Hold> ReadingMemory::take(std::uint64_t octets, std::stop_token stop) {
  octets = std::min(octets, room_);
  Place place(*this);
  while (!place.isFirst() || octets > room_ - held_) co_await place.wait(stop);
  co_return Hold(*this, octets);
}

void ReadingMemory::release(std::uint64_t octets) noexcept {
  held_ -= octets;
  wakeFirst();
}

void ReadingMemory::wakeFirst() noexcept {
  if (line_.empty()) return;
  if (auto* waiting = std::exchange(line_.front(), nullptr)) waiting->cancel();
}

}  // namespace posthouse::imapd
