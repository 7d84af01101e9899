#include "bodies.h"

namespace posthouse::relayd {

Task<std::optional<Bodies::Hold>> Bodies::take(store::Claim claim, std::stop_token stop) {
  std::optional<Hold> hold;
  {
    net::WaitingLine::Place place(line_);
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
  line_.wake();
  co_return std::move(hold);
}

void Bodies::release(Body& body) noexcept {
  if (--body.holders > 0) return;
  held_ -= body.size;
  bodies_.erase(body.id);
  line_.wake();
}

}  // namespace posthouse::relayd
