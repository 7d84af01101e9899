#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "sasl/malformed.h"

/// OAUTHBEARER (RFC 7628): a client shows an OAuth 2.0 bearer token. Whether it is worth anything, whoever verifies
/// tokens says.
namespace posthouse::sasl {

/// The client's first message. The caller decides what it means if `authorizationIdentity` is not the token's owner,
/// and refuses a host or port that it knows to be others (RFC 7628 §3.2).
struct OauthBearerResponse {
  static constexpr std::size_t kMaxSize = 16384;  // octets

  std::string authorizationIdentity;  // whom it wants to act as; empty: whom the token names
  std::string token;                  // a b64token (RFC 6750 §2.1); empty: it asks for the error challenge (§4.3)
  std::string host;                   // where the client believes it is connected; empty: it does not say
  std::optional<std::uint16_t> port;
  std::string query;  // "qs", reserved (§3.1.1)
  bool operator==(const OauthBearerResponse&) const = default;
};

/// Unknown keys are passed over (RFC 7628 §3.1). A key that comes twice is refused, and so is channel binding, which
/// there is none of.
std::expected<OauthBearerResponse, Malformed> parseOauthBearer(std::string_view response);

/// Why a token was not good enough (RFC 7628 §3.2.2).
struct OauthBearerError {
  std::string status = "invalid_token";  // of OAuth's error registry: RFC 6750 §3.1
  std::string scope;                     // one that would do; empty: none is told
  std::string openidConfiguration;       // the URL of a discovery document; empty: none is told
};

/// The challenge that tells of the error: JSON. Only after the client has answered it the exchange fails (§3.2.3).
std::string errorChallenge(const OauthBearerError& error);

/// True for the answer to that, a single %x01.
bool isOauthBearerErrorAnswer(std::string_view response) noexcept;

}  // namespace posthouse::sasl
