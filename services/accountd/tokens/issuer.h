#pragma once
#include <expected>
#include <optional>
#include <stop_token>
#include <string>

#include "async/task.h"
#include "httpclient/client.h"
#include "net/loop.h"
#include "observe/log.h"
#include "tokens/claims.h"
#include "tokens/introspection.h"
#include "tokens/issuer_config.h"
#include "tokens/issuer_keys.h"
#include "tokens/jws.h"
#include "tokens/token_metrics.h"

namespace posthouse::accountd {

/// Who issues tokens, and finds out what one of them says: by its signature, or by being asked.
class Issuer {
 public:
  Issuer(net::Loop& loop, const IssuerConfig& config, TokenMetrics& metrics, const observe::Log& log);
  Issuer(const Issuer&) = delete;
  Issuer& operator=(const Issuer&) = delete;

  const IssuerConfig& config() const noexcept { return config_; }
  /// Whether a token that is no JWT can be its own.
  bool isAsked() const noexcept { return introspection_.has_value(); }

  /// What a token really says; `jws` is the token where it is a JWT. Throws IssuerUnavailable.
  Task<std::expected<Claims, TokenRefusal>> read(std::string token, const Jws* jws);

  /// Keeps its keys fresh until the stop; returns at once if there are none.
  Task<> keep(std::stop_token stop);

 private:
  Task<std::expected<Claims, TokenRefusal>> verify(const Jws& jws);

  const IssuerConfig config_;
  httpclient::Client client_;
  std::optional<IssuerKeys> keys_;
  std::optional<Introspection> introspection_;
};

}  // namespace posthouse::accountd
