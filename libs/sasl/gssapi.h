#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "sasl/malformed.h"

namespace posthouse::sasl {

/// What a client says at the end of GSSAPI (RFC 4752 §3.1), unwrapped.
struct GssapiChoice {
  static constexpr std::size_t kMaxSize = 1024;  // octets of the whole message

  std::string authorizationIdentity;  // empty: whom the ticket is for
  bool operator==(const GssapiChoice&) const = default;
};

/// The server's offer of security layers, to be wrapped: none, and so no message that it takes (RFC 4752 §3.2, §3.3).
/// TLS protects what follows.
std::string gssapiOffer();

/// Malformed also if the client chose what was not offered.
std::expected<GssapiChoice, Malformed> parseGssapiChoice(std::string_view message);

}  // namespace posthouse::sasl
