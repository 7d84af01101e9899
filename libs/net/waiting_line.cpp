#include "net/waiting_line.h"

#include <utility>

namespace posthouse::net {

WaitingLine::Place::Place(WaitingLine& line) : line_(line), at_(line.waits_.insert(line.waits_.end(), nullptr)) {}

WaitingLine::Place::~Place() {
  line_.waits_.erase(at_);
  line_.wake();
}

bool WaitingLine::Place::isFirst() const noexcept {
  return at_ == line_.waits_.begin();
}

Task<> WaitingLine::Place::wait(std::stop_token stop) {
  const Patience patience(Patience::kForever, std::move(stop));
  Wait wait(line_.loop_, patience);
  *at_ = &wait;
  try {
    co_await wait;
  } catch (...) {
    *at_ = nullptr;
    throw;
  }
}

void WaitingLine::wake() noexcept {
  for (Wait*& wait : waits_) {
    if (auto* waiting = std::exchange(wait, nullptr)) waiting->cancel();
    if (wakes_ == Wakes::first) return;
  }
}

}  // namespace posthouse::net
