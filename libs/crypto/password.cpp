// argon2id (RFC 9106) as PHC strings, by libsodium.
#include "crypto/password.h"

#include <sodium.h>

#include <array>
#include <new>

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

bool verifyPassword(std::string_view password, const std::string& phc) {
  sodiumReady();
  return crypto_pwhash_str_verify(phc.c_str(), password.data(), password.size()) == 0;
}

bool needsRehash(const std::string& phc, PasswordCost cost) {
  sodiumReady();
  return crypto_pwhash_str_needs_rehash(phc.c_str(), cost.passes, cost.memory) != 0;
}

}  // namespace posthouse::crypto
