#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace posthouse::crypto {

/// How dear one argon2id is (RFC 9106): `passes` over `memory` octets, in one lane. The defaults are OWASP's and cost
/// about 25 ms of one core.
struct PasswordCost {
  std::uint32_t passes = 2;                 // t, at least 1
  std::uint64_t memory = 19 * 1024 * 1024;  // m in octets, at least 8 KiB

  auto operator<=>(const PasswordCost&) const = default;
};

/// "$argon2id$v=19$m=…,t=…,p=1$salt$hash" (the PHC string format), with a new random salt.
/// Takes as long as the cost says: never on an event loop. Throws std::bad_alloc if the memory is not to be had.
std::string hashPassword(std::string_view password, PasswordCost cost);

/// True if `stored` was made from `password`, by us or by another server (password_hash.h says what is known). Anything
/// else matches no password, and so does a hash dearer than HashBounds. Costs what made the hash; never on an event
/// loop.
bool verifyPassword(std::string_view password, std::string_view stored);

/// True if `stored` was not made by hashPassword at this cost.
bool needsRehash(std::string_view stored, PasswordCost cost);

}  // namespace posthouse::crypto
