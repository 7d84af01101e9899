#include "crypto/random.h"

#include <sodium.h>

#include <cassert>

#include "crypto/sodium_ready.h"

namespace posthouse::crypto {

std::string randomOctets(std::size_t count) {
  sodiumReady();
  std::string octets(count, '\0');
  randombytes_buf(octets.data(), octets.size());
  return octets;
}

std::uint32_t randomBelow(std::uint32_t bound) {
  assert(bound != 0);
  sodiumReady();
  return randombytes_uniform(bound);
}

std::string randomToken(std::size_t octets) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  const std::string raw = randomOctets(octets);
  std::string token(sodium_base64_encoded_len(raw.size(), kVariant), '\0');
  sodium_bin2base64(token.data(), token.size(), reinterpret_cast<const unsigned char*>(raw.data()), raw.size(),
                    kVariant);
  token.pop_back();  // the NUL that libsodium counts and writes
  return token;
}

}  // namespace posthouse::crypto
