#include "tokens/token_verifier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "async/task_group.h"
#include "base/base64url.h"
#include "base/cursor.h"
#include "tokens/issuer_unavailable.h"
#include "tokens/judgement.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMostShown = 200;  // octets of what a token says

/// What a JWT says, which nobody has verified; nothing for what is none.
std::optional<std::string> payloadOf(std::string_view token) {
  if (!looksLikeJws(token)) return std::nullopt;
  const std::size_t first = token.find('.') + 1;
  return base64url::decode(token.substr(first, token.rfind('.') - first));
}

/// Whose a JWT says to be; empty for what is none.
std::string issuerNamedBy(std::string_view token) {
  const auto payload = payloadOf(token);
  return payload ? issuerOf(*payload) : std::string();
}

/// What an operator wants to see beside the reason: for most, it is the configuration that is wrong.
std::string detailOf(TokenRefusal refusal, const Claims& claims) {
  switch (refusal) {
    case TokenRefusal::audience:
      return fmt::format("{}", fmt::join(claims.audiences, " "));
    case TokenRefusal::scope:
      return fmt::format("{}", fmt::join(claims.scopes, " "));
    case TokenRefusal::noName:
    case TokenRefusal::unverifiedAddress:
    case TokenRefusal::foreignDomain:
      return claims.account;
    default:
      return {};
  }
}

}  // namespace

/// What became of a token, and by whom.
struct TokenVerifier::Judged {
  std::expected<Address, TokenRefusal> result;
  std::string issuer{};  // whose it is or says to be; empty: nobody's
  std::string detail{};  // what it had instead of what it should have
};

TokenVerifier::TokenVerifier(net::Loop& loop, const std::vector<IssuerConfig>& issuers, prometheus::Registry& registry,
                             observe::Log log, WallClock clock)
    : metrics_(registry), log_(std::move(log)), clock_(std::move(clock)) {
  for (const IssuerConfig& config : issuers) issuers_.emplace_back(loop, config, metrics_, log_);
}

Task<std::expected<Address, TokenRefusal>> TokenVerifier::verify(std::string token,
                                                                 const std::optional<Address>& claimed,
                                                                 const Connection& connection) {
  std::optional<Judged> known;
  try {
    known = co_await judged(std::move(token), claimed);
  } catch (const IssuerUnavailable&) {
    metrics_.count("unavailable").Increment();
    throw;
  }
  note(*known, connection);
  co_return std::move(known->result);
}

Task<TokenVerifier::Judged> TokenVerifier::judged(std::string token, const std::optional<Address>& claimed) {
  if (token.size() > Jws::kMaxSize) co_return Judged{std::unexpected(TokenRefusal::malformed)};
  const std::string name = issuerNamedBy(token);
  Issuer* const issuer = name.empty() ? onlyAsked(claimed) : find(name);
  const auto jws = parseJws(token);
  if (issuer == nullptr) {
    const bool isNobodys = jws || !name.empty() || !looksLikeJws(token);
    co_return Judged{std::unexpected(isNobodys ? TokenRefusal::unknownIssuer : jws.error()), name};
  }
  // What an issuer is asked about only it has to understand.
  if (!jws && !issuer->isAsked()) co_return Judged{std::unexpected(jws.error()), name};
  const std::string& by = issuer->config().issuer;
  const auto claims = co_await issuer->read(std::move(token), jws ? &*jws : nullptr);
  if (!claims) co_return Judged{std::unexpected(claims.error()), by, jws ? jws->keyId.value_or("") : ""};
  Judged judged{judge(*claims, issuer->config(), clock_()), by};
  if (!judged.result) judged.detail = detailOf(judged.result.error(), *claims);
  co_return judged;
}

std::string TokenVerifier::ownerSaidBy(std::string_view token) {
  if (token.size() > Jws::kMaxSize) return {};
  const auto payload = payloadOf(token);
  const Issuer* issuer = payload ? find(issuerOf(*payload)) : nullptr;
  if (issuer == nullptr) return {};
  std::optional<Address> owner;
  try {
    owner = addressOf(claimsOf(*payload, issuer->config().accountClaim).account, issuer->config());
  } catch (const SyntaxError&) {  // it is refused where it is judged
  }
  return owner ? owner->text() : std::string();
}

Issuer* TokenVerifier::find(const std::string& name) {
  const auto found = std::ranges::find_if(issuers_, [&](const Issuer& one) { return one.config().issuer == name; });
  return found == issuers_.end() ? nullptr : &*found;
}

/// Who can be asked about a token that does not say whose it is; null if that is nobody, or could be several: none is
/// shown another's.
Issuer* TokenVerifier::onlyAsked(const std::optional<Address>& claimed) {
  Issuer* only = nullptr;
  for (Issuer& one : issuers_) {
    if (!one.isAsked() || (claimed && !one.config().maySpeakFor(claimed->domain))) continue;
    if (only != nullptr) return nullptr;
    only = &one;
  }
  return only;
}

void TokenVerifier::note(const Judged& judged, const Connection& connection) {
  metrics_.count(judged.result ? "ok" : label(judged.result.error())).Increment();
  if (judged.result) return;
  log_.info("oauth.token_refused", "A bearer token was refused",
            {{"reason", label(judged.result.error())},
             {"issuer", std::string_view(judged.issuer).substr(0, kMostShown)},
             {"detail", std::string_view(judged.detail).substr(0, kMostShown)},
             {"protocol", connection.protocol},
             {"remote_ip", connection.remoteAddress},
             {"session_id", connection.sessionId}});
}

const IssuerConfig& TokenVerifier::advisor(const std::optional<Address>& claimed) const {
  for (const Issuer& one : issuers_) {
    if (claimed && one.config().maySpeakFor(claimed->domain)) return one.config();
  }
  return issuers_.front().config();
}

Task<> TokenVerifier::keep(std::stop_token stop) {
  TaskGroup keepers;
  for (Issuer& issuer : issuers_) keepers.spawn(issuer.keep(stop));
  co_await keepers.drained();
}

}  // namespace posthouse::accountd
