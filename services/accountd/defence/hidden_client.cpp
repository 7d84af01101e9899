#include "defence/hidden_client.h"

#include <iterator>

namespace posthouse::accountd {
namespace {

constexpr std::chrono::minutes kLately{15};
constexpr std::size_t kMost = 10'000;

}  // namespace

void HiddenClient::tried(const Origin& origin) {
  forget();
  see({origin.narrow, 0});
}

void HiddenClient::loggedIn(const Origin& origin, std::int64_t name) {
  see({origin.narrow, name});
}

bool HiddenClient::hides(const Origin& origin) {
  bool hides = false;
  if (origin.isPrivate) {
    const auto here = accounts_.find(origin.narrow);
    const std::size_t accounts = here == accounts_.end() ? 0 : here->second;
    hides = allAccounts_ == 0 ? addresses_ <= 1 : accounts * 10 >= allAccounts_ * 9;
  }
  if (hides) {
    address_ = origin.narrow;
  } else if (address_ == origin.narrow) {
    address_.clear();
  }
  return hides;
}

void HiddenClient::see(const Subject& subject) {
  if (const auto old = bySubject_.find(subject); old != bySubject_.end()) {
    old->second->at = clock_();
    seen_.splice(seen_.begin(), seen_, old->second);
    return;
  }
  if (seen_.size() == kMost) drop(seen_.back());
  seen_.push_front({subject, clock_()});
  bySubject_.emplace(subject, seen_.begin());
  if (subject.name == 0) {
    ++addresses_;
  } else {
    ++allAccounts_;
    ++accounts_[subject.network];
  }
}

void HiddenClient::forget() {
  const auto now = clock_();
  while (!seen_.empty() && seen_.back().at + kLately <= now) drop(seen_.back());
}

void HiddenClient::drop(const Seen& seen) {
  const Subject subject = seen.subject;
  if (subject.name == 0) {
    --addresses_;
  } else {
    --allAccounts_;
    const auto here = accounts_.find(subject.network);
    if (--here->second == 0) accounts_.erase(here);
  }
  seen_.erase(bySubject_.at(subject));
  bySubject_.erase(subject);
}

}  // namespace posthouse::accountd
