#pragma once
#include <array>
#include <string_view>

namespace posthouse::accountd {

/// Why a token is not good enough: for logs and metrics. A client learns no more than that it needs another one, or one
/// with the scope.
enum class TokenRefusal {
  malformed,      // neither a JWT, nor is there anybody to ask about it
  unknownIssuer,  // of nobody who is configured, or nobody can tell of whom
  algorithm,      // one that is not allowed, or not that of the key
  unknownKey,     // the issuer has no such key
  signature,      // another key's, or none
  inactive,       // the issuer says so
  expired,
  notYetValid,
  audience,  // for somebody else
  scope,     // not enough
  bound,     // to a key that its owner would have to show (RFC 7800)
  noName,    // does not say whose it is, or not as an address
  unverifiedAddress,
  foreignDomain,  // of which the issuer may not speak
};

inline constexpr std::array kTokenRefusals{
    TokenRefusal::malformed,         TokenRefusal::unknownIssuer, TokenRefusal::algorithm, TokenRefusal::unknownKey,
    TokenRefusal::signature,         TokenRefusal::inactive,      TokenRefusal::expired,   TokenRefusal::notYetValid,
    TokenRefusal::audience,          TokenRefusal::scope,         TokenRefusal::bound,     TokenRefusal::noName,
    TokenRefusal::unverifiedAddress, TokenRefusal::foreignDomain};

constexpr std::string_view label(TokenRefusal refusal) {
  switch (refusal) {
    case TokenRefusal::malformed:
      return "malformed";
    case TokenRefusal::unknownIssuer:
      return "unknown_issuer";
    case TokenRefusal::algorithm:
      return "algorithm";
    case TokenRefusal::unknownKey:
      return "unknown_key";
    case TokenRefusal::signature:
      return "signature";
    case TokenRefusal::inactive:
      return "inactive";
    case TokenRefusal::expired:
      return "expired";
    case TokenRefusal::notYetValid:
      return "not_yet_valid";
    case TokenRefusal::audience:
      return "audience";
    case TokenRefusal::scope:
      return "scope";
    case TokenRefusal::bound:
      return "bound";
    case TokenRefusal::noName:
      return "no_name";
    case TokenRefusal::unverifiedAddress:
      return "unverified_address";
    case TokenRefusal::foreignDomain:
      return "foreign_domain";
  }
  return "malformed";
}

}  // namespace posthouse::accountd
