#include "bodies.h"

namespace posthouse::relayd {

/// A place in the line, left at the end of its scope: then the others look around, too.
class Bodies::Place {
 public:
  explicit Place(Bodies& owner) : owner_(owner), at_(owner.line_.insert(owner.line_.end(), nullptr)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    owner_.line_.erase(at_);
    owner_.wakeAll();
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
  Bodies& owner_;
  Line::iterator at_;
};

Task<std::optional<Bodies::Hold>> Bodies::take(store::Claim claim, std::stop_token stop) {
  std::optional<Hold> hold;
  {
    Place place(*this);
    for (;;) {
      const auto found = bodies_.find(claim.blob);
      if (found != bodies_.end() && found->second.octets) co_return Hold(*this, found->second);
      if (found == bodies_.end() && place.isFirst() && hasRoomFor(claim.size)) break;
      co_await place.wait(stop);
    }
    Body& body = bodies_.try_emplace(claim.blob, Body{.id = claim.blob, .size = claim.size}).first->second;
    held_ += body.size;
    hold.emplace(*this, body);
  }
  co_return co_await load(std::move(claim), std::move(*hold));
}

/// If it fails, the hold is dropped, and whoever waited for the same body loads it himself.
Task<std::optional<Bodies::Hold>> Bodies::load(store::Claim claim, Hold hold) {
  std::optional<std::string> octets = co_await queue_.load(claim);
  if (!octets) co_return std::nullopt;
  bodies_.at(claim.blob).octets = std::move(*octets);
  wakeAll();
  co_return std::move(hold);
}

void Bodies::release(Body& body) noexcept {
  if (--body.holders > 0) return;
  held_ -= body.size;
  bodies_.erase(body.id);
  wakeAll();
}

void Bodies::wakeAll() noexcept {
  for (net::Wait*& wait : line_) {
    if (auto* waiting = std::exchange(wait, nullptr)) waiting->cancel();
  }
}

}  // namespace posthouse::relayd
