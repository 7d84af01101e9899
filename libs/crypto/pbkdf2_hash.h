#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/hash.h"
#include "crypto/hash_bounds.h"

namespace posthouse::crypto {

/// PBKDF2 with HMAC (RFC 8018 §5.2), as long as its hash function's digest.
struct Pbkdf2Hash {
  Hash function;
  std::uint32_t rounds;
  std::string salt;
  std::string key;
};

/// As passlib and Django write it. Throws SyntaxError, also for what is dearer than the bounds.
Pbkdf2Hash readPbkdf2(std::string_view text, const HashBounds& bounds);
/// As Dovecot writes it behind its {PBKDF2}.
Pbkdf2Hash readDovecotPbkdf2(std::string_view text, const HashBounds& bounds);

bool matches(const Pbkdf2Hash& hash, std::string_view password);

}  // namespace posthouse::crypto
