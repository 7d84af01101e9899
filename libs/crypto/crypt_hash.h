#pragma once
#include <string>
#include <string_view>

#include "crypto/hash_bounds.h"

namespace posthouse::crypto {

/// What crypt(3) makes: bcrypt, SHA512-CRYPT, SHA256-CRYPT, yescrypt or MD5-CRYPT.
struct CryptHash {
  std::string text;
};

/// Throws SyntaxError, also for what is dearer than the bounds.
CryptHash readCrypt(std::string_view text, const HashBounds& bounds);

/// A password of 512 octets or more, or with a NUL, matches nothing: crypt(3) cannot tell it from another.
bool matches(const CryptHash& hash, std::string_view password);

}  // namespace posthouse::crypto
