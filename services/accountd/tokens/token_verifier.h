#pragma once
#include <deque>
#include <expected>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "directory/address.h"
#include "logins/conversation.h"
#include "net/loop.h"
#include "observe/log.h"
#include "tokens/issuer.h"
#include "tokens/issuer_config.h"
#include "tokens/token_metrics.h"

namespace posthouse::accountd {

/// Knows of every issuer, and says whose account a bearer token is for.
class TokenVerifier {
 public:
  TokenVerifier(net::Loop& loop, const std::vector<IssuerConfig>& issuers, prometheus::Registry& registry,
                observe::Log log, WallClock clock = systemClock());
  TokenVerifier(const TokenVerifier&) = delete;
  TokenVerifier& operator=(const TokenVerifier&) = delete;

  /// `claimed`: whom the client wants to be, if it says so. Counts and logs what came of it, with who showed it, never
  /// the token. Throws IssuerUnavailable.
  Task<std::expected<Address, TokenRefusal>> verify(std::string token, const std::optional<Address>& claimed,
                                                    const Connection& connection);

  /// Whose a token says to be, which nobody has verified; empty if it is no JWT of an issuer that is known.
  std::string ownerSaidBy(std::string_view token);

  /// What a client may be told of how to get a better one: of the first issuer that may speak for whom it claims to be.
  const IssuerConfig& advisor(const std::optional<Address>& claimed) const;

  /// Keeps the keys of all issuers fresh until the stop.
  Task<> keep(std::stop_token stop);

 private:
  struct Judged;

  Task<Judged> judged(std::string token, const std::optional<Address>& claimed);
  Issuer* find(const std::string& name);
  Issuer* onlyAsked(const std::optional<Address>& claimed);
  void note(const Judged& judged, const Connection& connection);

  TokenMetrics metrics_;
  const observe::Log log_;
  const WallClock clock_;
  std::deque<Issuer> issuers_;  // in the order of the configuration; not empty
};

}  // namespace posthouse::accountd
