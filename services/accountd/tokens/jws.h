#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "tokens/algorithm.h"
#include "tokens/refusal.h"

namespace posthouse::accountd {

/// A JSON Web Signature in its compact form (RFC 7515 §3.1), as a JWT that is an access token has it (RFC 7519 §7.2,
/// RFC 9068 §2.1). Nothing is verified.
struct Jws {
  static constexpr std::size_t kMaxSize = 16384;      // octets
  static constexpr std::size_t kMaxSignature = 2048;  // octets: an RSA key of 16384 bits

  JwsAlgorithm algorithm = JwsAlgorithm::rs256;
  std::optional<std::string> keyId{};
  std::string signingInput;  // what the signature is of: the first two parts, as they came
  std::string payload;       // octets
  std::string signature;     // octets
};

/// True for three parts with dots between: not what a token looks like whose meaning only its issuer knows.
bool looksLikeJws(std::string_view token);

/// Refused as malformed: what is too long, not base 64 for URLs to the letter, a header that is not JSON, names a
/// member twice, or has an extension that must be understood ("crit", §4.1.11), and a "typ" of something else than an
/// access token. Refused for its algorithm: "none", HMACs, whatever is not on the list. Keys within the header ("jwk",
/// "jku", "x5c", "x5u") are never looked at.
std::expected<Jws, TokenRefusal> parseJws(std::string_view token);

}  // namespace posthouse::accountd
