#include "logins/verified_passwords.h"

#include <iterator>
#include <utility>

#include "crypto/random.h"

namespace posthouse::accountd {

VerifiedPasswords::VerifiedPasswords(std::size_t capacity, std::chrono::milliseconds lifetime, Clock clock)
    : capacity_(capacity), lifetime_(lifetime), clock_(std::move(clock)), key_(crypto::randomOctets(32)) {}

bool VerifiedPasswords::knows(std::string_view password, std::string_view phc) {
  forgetExpired();
  return byProof_.contains(proof(password, phc));
}

void VerifiedPasswords::remember(std::string_view password, std::string_view phc) {
  if (capacity_ == 0 || lifetime_.count() <= 0) return;
  const crypto::Digest known = proof(password, phc);
  if (const auto old = byProof_.find(known); old != byProof_.end()) {
    entries_.erase(old->second);
    byProof_.erase(old);
  } else if (entries_.size() == capacity_) {
    byProof_.erase(entries_.front().proof);
    entries_.pop_front();
  }
  entries_.push_back({known, clock_() + lifetime_});
  byProof_.emplace(known, std::prev(entries_.end()));
}

/// A PHC string holds no NUL, so that it ends where the password begins.
crypto::Digest VerifiedPasswords::proof(std::string_view password, std::string_view phc) const {
  std::string both;
  both.reserve(phc.size() + 1 + password.size());
  both.append(phc).append(1, '\0').append(password);
  return crypto::hmacSha256(key_, both);
}

void VerifiedPasswords::forgetExpired() {
  const auto now = clock_();
  while (!entries_.empty() && entries_.front().expires <= now) {
    byProof_.erase(entries_.front().proof);
    entries_.pop_front();
  }
}

}  // namespace posthouse::accountd
