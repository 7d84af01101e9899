#include "tokens/issuer.h"

#include <utility>

#include "base/cursor.h"
#include "tokens/signature.h"

namespace posthouse::accountd {

Issuer::Issuer(net::Loop& loop, const IssuerConfig& config, TokenMetrics& metrics, const observe::Log& log)
    : config_(config), client_(loop, {.caFile = config.caFile}) {
  if (config_.verification == IssuerConfig::Verification::introspection) {
    introspection_.emplace(config_, client_, metrics, log);
  } else {
    keys_.emplace(loop, keySourceOf(config_, client_), config_, metrics, log);
  }
}

Task<> Issuer::keep(std::stop_token stop) {
  if (keys_) co_await keys_->keep(std::move(stop));
}

Task<std::expected<Claims, TokenRefusal>> Issuer::read(std::string token, const Jws* jws) {
  if (introspection_) co_return co_await introspection_->ask(std::move(token));
  if (jws == nullptr) co_return std::unexpected(TokenRefusal::malformed);
  co_return co_await verify(*jws);
}

Task<std::expected<Claims, TokenRefusal>> Issuer::verify(const Jws& jws) {
  auto refusal = refusalBy(jws, keys_->current());
  if (refusal == TokenRefusal::unknownKey) {
    co_await keys_->renew();
    refusal = refusalBy(jws, keys_->current());
  }
  if (refusal) co_return std::unexpected(*refusal);
  try {
    co_return claimsOf(jws.payload, config_.accountClaim);
  } catch (const SyntaxError&) {
    co_return std::unexpected(TokenRefusal::malformed);
  }
}

}  // namespace posthouse::accountd
