#include "tokens/judgement.h"

#include <algorithm>
#include <ranges>

namespace posthouse::accountd {
namespace {

using Verification = IssuerConfig::Verification;

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::ranges::find(list, text) != list.end();
}

std::optional<TokenRefusal> outOfTime(const Claims& claims, const IssuerConfig& issuer, Claims::Time now) {
  const std::chrono::duration<double> leeway(issuer.leeway);
  // Whom the issuer was asked about may have no end (RFC 7662 §2.2); a token by itself must have one (RFC 9068 §2.2).
  const bool needsEnd = issuer.verification != Verification::introspection;
  if (claims.expires ? now >= *claims.expires + leeway : needsEnd) return TokenRefusal::expired;
  if (claims.notBefore && now < *claims.notBefore - leeway) return TokenRefusal::notYetValid;
  return std::nullopt;
}

std::optional<TokenRefusal> notForUs(const Claims& claims, const IssuerConfig& issuer) {
  const bool isAsked = issuer.verification == Verification::introspection;
  if (claims.issuer != issuer.issuer && !(isAsked && claims.issuer.empty())) return TokenRefusal::unknownIssuer;
  const bool isForUs = std::ranges::any_of(
      claims.audiences, [&](const std::string& audience) { return contains(issuer.audiences, audience); });
  if (!issuer.audiences.empty() && !isForUs) return TokenRefusal::audience;
  if (claims.isBound) return TokenRefusal::bound;
  const bool isEnough =
      std::ranges::all_of(issuer.scopes, [&](const std::string& scope) { return contains(claims.scopes, scope); });
  return isEnough ? std::nullopt : std::optional(TokenRefusal::scope);
}

}  // namespace

std::optional<Address> addressOf(const std::string& account, const IssuerConfig& issuer) {
  if (account.contains('@')) return parseAddress(account);
  if (account.empty() || issuer.domains.size() != 1) return std::nullopt;
  return parseAddress(account + "@" + issuer.domains.front());
}

std::expected<Address, TokenRefusal> judge(const Claims& claims, const IssuerConfig& issuer,
                                           std::chrono::system_clock::time_point now) {
  if (const auto refusal = outOfTime(claims, issuer, now)) return std::unexpected(*refusal);
  if (const auto refusal = notForUs(claims, issuer)) return std::unexpected(*refusal);
  const std::optional<Address> address = addressOf(claims.account, issuer);
  if (!address) return std::unexpected(TokenRefusal::noName);
  if (issuer.accountClaim == "email" && !claims.isVerified) return std::unexpected(TokenRefusal::unverifiedAddress);
  if (!issuer.maySpeakFor(address->domain)) return std::unexpected(TokenRefusal::foreignDomain);
  return *address;
}

}  // namespace posthouse::accountd
