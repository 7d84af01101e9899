#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sasl/malformed.h"

namespace posthouse::sasl {

/// What the client must answer next; may be empty.
struct Challenge {
  std::string octets;
  bool operator==(const Challenge&) const = default;
};

/// The end of the exchange: whom the client claims to be, and its proof.
struct Credentials {
  std::string authorizationIdentity;  // whom it wants to act as; empty: itself
  std::string authenticationIdentity;
  std::string password;
  bool operator==(const Credentials&) const = default;
};

/// After Credentials or Malformed the exchange is over.
using Step = std::variant<Challenge, Credentials, Malformed>;

/// One client's exchange by one mechanism, as the server leads it (RFC 4422 §3). Responses and challenges are octets:
/// base 64 and cancelling with "*" belong to the protocol around.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// First with the client's initial response, or nothing if it sent none; then with its answer to each challenge.
  /// After Credentials or Malformed it is over.
  virtual Step next(std::optional<std::string_view> response) = 0;
};

/// PLAIN or LOGIN, which carry the password as it is; null for any other mechanism. Letters of either case.
std::unique_ptr<Exchange> begin(std::string_view mechanism);

}  // namespace posthouse::sasl
