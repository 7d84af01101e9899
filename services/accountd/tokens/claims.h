#pragma once
#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::accountd {

/// What a token says, or its issuer of it: the claims of an access token (RFC 9068 §2.2), or the members of an answer
/// to an introspection (RFC 7662 §2.2), which are the same.
struct Claims {
  using Time = std::chrono::sys_time<std::chrono::duration<double>>;

  std::string issuer;  // empty: it does not say
  std::vector<std::string> audiences;
  std::optional<Time> expires;
  std::optional<Time> notBefore;
  std::vector<std::string> scopes;
  std::string account;     // the claim that names the account; empty: there is none
  bool isVerified = true;  // "email_verified" does not say otherwise
  bool isBound = false;    // to a key ("cnf", RFC 7800), or no bearer token at all
};

/// `accountClaim`: what names the account. Throws SyntaxError for a claim of the wrong type.
Claims readClaims(const nlohmann::json& object, const std::string& accountClaim);

/// The claims of a payload. Throws SyntaxError.
Claims claimsOf(std::string_view payload, const std::string& accountClaim);

/// "iss" of a payload that nobody has verified, to know whom to ask; empty if it is not there.
std::string issuerOf(std::string_view payload);

}  // namespace posthouse::accountd
