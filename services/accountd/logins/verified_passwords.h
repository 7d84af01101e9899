#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "crypto/digest.h"

namespace posthouse::accountd {

/// Remembers for a short while which passwords matched which hashes, so that a client that logs in every minute costs
/// one argon2id an hour. What is kept is an HMAC of both under a key that this process made up: neither can be had from
/// it.
///
/// Nothing has to be told when a password changes or an account is disabled, in this process or another: the stored
/// credential is read at every login, and a new one has a new salt, so that what is remembered about the old no longer
/// matches. Used on one thread.
class VerifiedPasswords {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// A lifetime of 0 remembers nothing.
  VerifiedPasswords(std::size_t capacity, std::chrono::milliseconds lifetime,
                    Clock clock = std::chrono::steady_clock::now);

  bool knows(std::string_view password, std::string_view phc);
  void remember(std::string_view password, std::string_view phc);

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    crypto::Digest proof;
    std::chrono::steady_clock::time_point expires;
  };

  crypto::Digest proof(std::string_view password, std::string_view phc) const;
  void forgetExpired();

  const std::size_t capacity_;
  const std::chrono::milliseconds lifetime_;
  const Clock clock_;
  const std::string key_;
  std::list<Entry> entries_;  // all live equally long: the oldest first
  std::map<crypto::Digest, std::list<Entry>::iterator> byProof_;
};

}  // namespace posthouse::accountd
