#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokens/algorithm.h"

struct evp_pkey_st;

namespace posthouse::accountd {

/// What a public key is of: it decides which algorithms it is for.
enum class KeyType { rsa, p256, p384, p521, edwards };

/// A public key as RFC 7517 writes it, fit to verify signatures.
struct Jwk {
  struct Free {
    void operator()(evp_pkey_st* key) const noexcept;
  };

  std::optional<std::string> keyId;
  std::optional<JwsAlgorithm> algorithm;  // the only one that it is for
  KeyType type = KeyType::rsa;
  std::unique_ptr<evp_pkey_st, Free> key{};

  bool isFor(JwsAlgorithm wanted) const;
};

using Jwks = std::vector<Jwk>;

/// The keys of a set (RFC 7517 §5) that are of use here; others are passed over, as the RFC says: of an unknown type or
/// curve, for encryption, of an algorithm that is not allowed, an RSA key below 2048 bits (RFC 7518 §3.3) or above
/// 8192, a point that is not on its curve. An error, fit for a log, if that leaves none, or for what is no set, or one
/// of more than 100 keys.
std::expected<Jwks, std::string> parseJwks(std::string_view text);

}  // namespace posthouse::accountd
