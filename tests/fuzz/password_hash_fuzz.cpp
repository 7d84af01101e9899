// Promise: no stored octets crash, or take longer than the bounds say; what is read as a hash never matches a password
// that it was not made from. The bounds are low here, so that the rest is reached often.
#include "crypto/password_hash.h"

#include <cstdint>
#include <cstdlib>

#include "crypto/password.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse::crypto;
  const std::string_view stored(reinterpret_cast<const char*>(data), size);
  const HashBounds low{.bcryptCost = 5, .rounds = 5000, .memory = 1 << 20, .argon2Octets = 2 << 20};
  const auto hash = readPasswordHash(stored);
  const auto cheap = readPasswordHash(stored, low);
  if (cheap && !hash) std::abort();
  if (!hash && hash.error().empty()) std::abort();
  if (!hash && verifyPassword("", stored)) std::abort();
  if (cheap && matches(*cheap, "nothing in the corpus is made of this")) std::abort();
  if (!hash && !needsRehash(stored, {})) std::abort();
  return 0;
}
