#include "crypto/secret.h"

#include <sodium.h>

namespace posthouse::crypto {

bool equalInConstantTime(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& secret) noexcept {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace posthouse::crypto
