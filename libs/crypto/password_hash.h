#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "crypto/argon2_hash.h"
#include "crypto/crypt_hash.h"
#include "crypto/digest_hash.h"
#include "crypto/hash_bounds.h"
#include "crypto/pbkdf2_hash.h"

namespace posthouse::crypto {

/// A password that a server kept as it is. There is nothing to log in with before it is hashed.
struct Cleartext {
  std::string password;
};

/// What a server stores to know a password by.
using PasswordHash = std::variant<Argon2Hash, CryptHash, Pbkdf2Hash, DigestHash, Cleartext>;

/// Reads a hash of ours or of another server: argon2, crypt(3) and PBKDF2 by how they begin, everything by the
/// "{SCHEME}" that Dovecot and LDAP directories put before it, with ".b64" or ".hex" where Dovecot has it. If it is not
/// accepted, the reason, for people; it does not quote the hash. Costs nothing of what the hash costs.
std::expected<PasswordHash, std::string> readPasswordHash(std::string_view stored, const HashBounds& bounds = {});

/// Costs what made the hash: never on an event loop. Compares in constant time.
bool matches(const PasswordHash& hash, std::string_view password);

}  // namespace posthouse::crypto
