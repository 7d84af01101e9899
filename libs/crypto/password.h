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

/// True if `phc` was made from `password`. Anything that is not an argon2i or argon2id PHC string matches no password.
/// Costs what made the hash; never on an event loop.
bool verifyPassword(std::string_view password, const std::string& phc);

/// True if `phc` was made at another cost than this, or by something else.
bool needsRehash(const std::string& phc, PasswordCost cost);

}  // namespace posthouse::crypto
