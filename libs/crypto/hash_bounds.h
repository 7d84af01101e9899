#pragma once
#include <cstdint>

#include "crypto/password.h"

namespace posthouse::crypto {

/// How dear a stored hash may be: who wrote it decides how long a thread works at every login, and how much memory it
/// takes. The defaults admit what servers are configured for today, and at most some seconds of one core and 1 GiB.
struct HashBounds {
  std::uint32_t bcryptCost = 14;                        // the logarithm of the rounds
  std::uint32_t rounds = 5'000'000;                     // of PBKDF2, SHA256-CRYPT and SHA512-CRYPT
  std::uint64_t memory = 1024 * 1024 * 1024;            // of argon2 and yescrypt, in octets
  std::uint64_t argon2Octets = std::uint64_t{4} << 30;  // memory times passes

  /// The cost's memory is not 0.
  bool admits(const PasswordCost& cost) const noexcept {
    return cost.memory <= memory && cost.passes <= argon2Octets / cost.memory;
  }
};

}  // namespace posthouse::crypto
