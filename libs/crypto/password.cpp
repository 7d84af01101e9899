// argon2id (RFC 9106) as PHC strings, by libsodium.
#include "crypto/password.h"

#include <sodium.h>

#include <array>
#include <new>

#include "crypto/password_hash.h"
#include "crypto/sodium_ready.h"

namespace posthouse::crypto {

std::string hashPassword(std::string_view password, PasswordCost cost) {
  sodiumReady();
  std::array<char, crypto_pwhash_STRBYTES> phc{};
  if (crypto_pwhash_str_alg(phc.data(), password.data(), password.size(), cost.passes, cost.memory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::bad_alloc();  // libsodium's only reason beside costs out of range
  return phc.data();
}

bool verifyPassword(std::string_view password, std::string_view stored) {
  const auto hash = readPasswordHash(stored);
  return hash && matches(*hash, password);
}

bool needsRehash(std::string_view stored, PasswordCost cost) {
  const std::string ours =
      "$argon2id$v=19$m=" + std::to_string(cost.memory / 1024) + ",t=" + std::to_string(cost.passes) + ",p=1$";
  return !stored.starts_with(ours) || !readPasswordHash(stored);
}

}  // namespace posthouse::crypto
