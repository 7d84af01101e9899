// PBKDF2 (RFC 8018 §5.2) as passlib, Django and Dovecot store it.
#include "crypto/pbkdf2_hash.h"

#include <algorithm>
#include <optional>

#include "base/base64.h"
#include "base/cursor.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

namespace posthouse::crypto {
namespace {

std::uint32_t rounds(Cursor& in, const HashBounds& bounds) {
  const auto number = in.number<std::uint32_t>();
  if (number == 0 || number > bounds.rounds)
    throw SyntaxError("PBKDF2 of " + std::to_string(number) + " rounds is not accepted: 1 to " +
                      std::to_string(bounds.rounds) + " are");
  in.expect("$");
  return number;
}

std::string_view untilDollar(Cursor& in) {
  const std::string_view text = in.takeWhile([](char c) { return c > ' ' && c < 127 && c != '$'; });
  in.expect("$");
  return text;
}

std::string require(std::optional<std::string> octets) {
  if (!octets) throw SyntaxError("PBKDF2 that is not encoded as it should be");
  return std::move(*octets);
}

/// passlib's base 64: "." for "+", without padding.
std::string adaptedBase64(std::string_view text) {
  std::string canonical(text);
  std::ranges::replace(canonical, '.', '+');
  canonical.append((4 - canonical.size() % 4) % 4, '=');
  return require(base64::decode(canonical));
}

Pbkdf2Hash requireLength(Pbkdf2Hash hash) {
  if (hash.key.size() != digestSize(hash.function)) throw SyntaxError("a PBKDF2 key of a wrong length");
  return hash;
}

/// Behind the name: rounds "$" salt "$" key, both in passlib's base 64
Pbkdf2Hash passlib(Cursor& in, Hash function, const HashBounds& bounds) {
  const std::uint32_t number = rounds(in, bounds);
  std::string salt = adaptedBase64(untilDollar(in));
  return requireLength({function, number, std::move(salt), adaptedBase64(in.rest())});
}

/// Behind the name: rounds "$" salt "$" key, the salt as it is and the key in base 64
Pbkdf2Hash django(Cursor& in, Hash function, const HashBounds& bounds) {
  const std::uint32_t number = rounds(in, bounds);
  std::string salt(untilDollar(in));
  return requireLength({function, number, std::move(salt), require(base64::decode(in.rest()))});
}

}  // namespace

Pbkdf2Hash readPbkdf2(std::string_view text, const HashBounds& bounds) {
  Cursor in(text);
  if (in.take("$pbkdf2-sha256$")) return passlib(in, Hash::sha256, bounds);
  if (in.take("$pbkdf2-sha512$")) return passlib(in, Hash::sha512, bounds);
  if (in.take("$pbkdf2$") || in.take("$pbkdf2-sha1$")) return passlib(in, Hash::sha1, bounds);
  if (in.take("pbkdf2_sha256$")) return django(in, Hash::sha256, bounds);
  if (in.take("pbkdf2_sha1$")) return django(in, Hash::sha1, bounds);
  throw SyntaxError("of PBKDF2, that with HMAC-SHA-1, -SHA-256 and -SHA-512 is accepted, not this");
}

/// "$1$" salt "$" rounds "$" key in hexadecimal
Pbkdf2Hash readDovecotPbkdf2(std::string_view text, const HashBounds& bounds) {
  Cursor in(text);
  in.expect("$1$");
  std::string salt(untilDollar(in));
  const std::uint32_t number = rounds(in, bounds);
  return requireLength({Hash::sha1, number, std::move(salt), require(unhex(in.rest()))});
}

bool matches(const Pbkdf2Hash& hash, std::string_view password) {
  if (password.contains('\0')) return false;  // HMAC does not tell them from its padding (RFC 2104 §2)
  return equalInConstantTime(pbkdf2(hash.function, password, hash.salt, hash.rounds, hash.key.size()), hash.key);
}

}  // namespace posthouse::crypto
