#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "crypto/hash.h"

namespace posthouse::sasl {

/// What a server knows of a password by SCRAM (RFC 5802 §3): enough to verify who knows it, not enough to pretend so.
struct ScramKeys {
  // What is accepted from storage. The iterations are the client's work: the least is RFC 7677 §3's, and past the most
  // a client would give up.
  static constexpr std::uint32_t kMinIterations = 4096;
  static constexpr std::uint32_t kMaxIterations = 1'000'000;
  static constexpr std::size_t kMinSalt = 8;  // octets
  static constexpr std::size_t kMaxSalt = 64;

  crypto::Hash hash = crypto::Hash::sha256;
  std::string salt;  // octets
  std::uint32_t iterations = kMinIterations;
  std::string storedKey;  // octets, as many as the digest has
  std::string serverKey;  // likewise

  bool operator==(const ScramKeys&) const = default;
};

/// Whether one challenge fits both.
inline bool haveOneSalt(const ScramKeys& a, const ScramKeys& b) noexcept {
  return a.hash == b.hash && a.salt == b.salt && a.iterations == b.iterations;
}

/// The keys of a password that is prepared already (SASLprep, RFC 4013, or OpaqueString, RFC 8265). A salt is
/// crypto::randomOctets(16) and never used again. Takes as long as `iterations` says (crypto/hash.h): not on an event
/// loop.
ScramKeys deriveScramKeys(crypto::Hash hash, std::string_view preparedPassword, std::string_view salt,
                          std::uint32_t iterations);

/// Keys for somebody who does not exist, which no password fits: the same salt for the same name at every try, so that
/// a stranger does not learn from it who exists. `serverSecret` is the same for all processes that answer, 32 random
/// octets; `name` is prepared as it is to be looked up; `iterations` and `saltSize` are those of everybody's keys.
ScramKeys fakeScramKeys(crypto::Hash hash, std::string_view serverSecret, std::string_view name,
                        std::uint32_t iterations, std::size_t saltSize = 16);

/// The keys as text to be stored, as PostgreSQL writes them:
/// "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>", what is octets in base 64; and the like with
/// SCRAM-SHA-1.
std::string toString(const ScramKeys& keys);

/// What toString has written, and nothing else; or what is wrong with it, in words that quote nothing of it.
std::expected<ScramKeys, std::string> parseScramKeys(std::string_view text);

}  // namespace posthouse::sasl
