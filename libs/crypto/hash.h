#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace posthouse::crypto {

/// The hash functions that a protocol or a stored hash names. Nothing new is built on the first two: MD5 (RFC 1321) is
/// for APOP and CRAM-MD5, SHA-1 (RFC 3174) for SCRAM-SHA-1, where only its HMAC and the hash of a random key matter,
/// and for what other servers stored. Where SHA-256 is meant, see digest.h.
enum class Hash { md5, sha1, sha256, sha512 };

/// The octets of a digest: 16, 20, 32 or 64.
constexpr std::size_t digestSize(Hash hash) noexcept {
  switch (hash) {
    case Hash::md5:
      return 16;
    case Hash::sha1:
      return 20;
    case Hash::sha256:
      return 32;
    case Hash::sha512:
      break;
  }
  return 64;
}

/// Whether OpenSSL has it: where it is bound to FIPS 140 there is no MD5, and what needs one throws.
bool isAvailable(Hash hash);

/// The digest as octets.
std::string digest(Hash hash, std::string_view octets);

/// HMAC (RFC 2104) as octets, as many as the digest has.
std::string hmac(Hash hash, std::string_view key, std::string_view octets);

/// PBKDF2 with HMAC (RFC 8018 §5.2): `length` octets. `iterations` is at least 1. Takes as long as that says, some 0.3
/// us an iteration: not on an event loop.
std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations,
                   std::size_t length);

}  // namespace posthouse::crypto
