#include "releases.h"

#include <exception>
#include <utility>

namespace posthouse::pop3d {
Task<> Releases::release(store::MaildropHolder holder) {
  const bool wasReleased = round_ == nullptr ? co_await lead(holder) : co_await follow(holder);
  // What hindered one hinders none of the others: a row that is locked, for example.
  if (!wasReleased) co_await store_.release({std::move(holder)});
}

Task<bool> Releases::lead(store::MaildropHolder holder) {
  Round round;
  round.holders.push_back(std::move(holder));
  round_ = &round;
  co_await loop_.sleep(gather_);
  round_ = nullptr;
  const bool wasReleased = co_await releaseAll(std::move(round.holders));
  for (WasReleased* other : round.others) other->complete(wasReleased);
  co_return wasReleased;
}

Task<bool> Releases::follow(store::MaildropHolder holder) {
  WasReleased wasReleased;
  round_->holders.push_back(std::move(holder));
  round_->others.push_back(&wasReleased);
  co_return co_await wasReleased;
}

Task<bool> Releases::releaseAll(std::vector<store::MaildropHolder> holders) {
  try {
    co_await store_.release(std::move(holders));
    co_return true;
  } catch (const std::exception&) {
    co_return false;
  }
}

}  // namespace posthouse::pop3d
