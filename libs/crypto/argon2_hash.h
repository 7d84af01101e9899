#pragma once
#include <string>
#include <string_view>

#include "crypto/hash_bounds.h"

namespace posthouse::crypto {

/// argon2i or argon2id as a PHC string.
struct Argon2Hash {
  std::string phc;
};

/// Throws SyntaxError, also for what is dearer than the bounds.
Argon2Hash readArgon2(std::string_view text, const HashBounds& bounds);

bool matches(const Argon2Hash& hash, std::string_view password);

}  // namespace posthouse::crypto
