#include "mechanisms/bearer.h"

#include <utility>
#include <vector>

#include "directory/address.h"
#include "sasl/oauthbearer.h"
#include "sasl/xoauth2.h"

namespace posthouse::accountd {

/// What became of a login.
struct BearerMechanism::Judged {
  Outcome outcome;
  bool lacksScope = false;  // and nothing else was looked at
};

Task<Outcome> BearerMechanism::exchange(std::optional<std::string> initialResponse, Connection connection,
                                        Conversation& conversation) {
  if (!initialResponse) initialResponse = co_await conversation.ask({});
  auto shown = parse(*initialResponse);
  if (!shown) {
    co_return Outcome{.result = Outcome::Result::malformed, .text = std::move(shown.error().reason)};
  }
  const std::optional<Address> claimed = parseAddress(shown->name);
  std::string name;
  // Who wants to be told how to get a token guesses nothing, and costs nothing: it is no attempt of anybody.
  if (!shown->token.empty()) {
    name = shown->name.empty() ? tokens_.ownerSaidBy(shown->token) : shown->name;
    co_await conversation.claims(name, shown->token);
  }
  Judged judged = co_await judge(*std::move(shown), claimed, connection);
  if (judged.outcome.claimedName.empty()) judged.outcome.claimedName = std::move(name);
  if (judged.outcome.result == Outcome::Result::ok) co_return std::move(judged.outcome);
  try {
    co_await conversation.ask(errorChallenge(claimed, judged.lacksScope));
  } catch (const ConversationEnded&) {  // it knows enough; the attempt was one
  }
  co_return std::move(judged.outcome);
}

std::expected<BearerMechanism::Shown, sasl::Malformed> BearerMechanism::parse(std::string_view response) const {
  if (isXoauth2()) {
    auto parsed = sasl::parseXoauth2(response);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    return Shown{std::move(parsed->user), std::move(parsed->token)};
  }
  auto parsed = sasl::parseOauthBearer(response);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return Shown{std::move(parsed->authorizationIdentity), std::move(parsed->token)};
}

Task<BearerMechanism::Judged> BearerMechanism::judge(Shown shown, const std::optional<Address>& claimed,
                                                     const Connection& connection) {
  Judged judged{.outcome = {.result = Outcome::Result::badPassword}};
  if (shown.token.empty()) co_return judged;
  const auto owner = co_await tokens_.verify(std::move(shown.token), claimed, connection);
  if (!owner) {
    judged.lacksScope = owner.error() == TokenRefusal::scope;
    co_return judged;
  }
  const std::string address = owner->text();
  const std::vector<CertificateHolder> holders = co_await holders_.individuals({address});
  judged.outcome.claimedName = address;
  if (holders.empty()) {
    judged.outcome.result = Outcome::Result::noSuchUser;
  } else if (!holders.front().enabled) {
    judged.outcome.result = Outcome::Result::disabled;
  } else if (!shown.name.empty() && claimed != *owner) {
    judged.outcome.result = Outcome::Result::notAuthorized;
  } else {
    judged.outcome.result = Outcome::Result::ok;
    judged.outcome.account = holders.front().account;
    judged.outcome.address = holders.front().address;
  }
  co_return judged;
}

/// RFC 7628 §3.2.2; XOAUTH2 has statuses of HTTP.
std::string BearerMechanism::errorChallenge(const std::optional<Address>& claimed, bool lacksScope) const {
  const IssuerConfig& advisor = tokens_.advisor(claimed);
  std::string scope;
  for (const std::string& one : advisor.scopes) scope += (scope.empty() ? "" : " ") + one;
  if (isXoauth2())
    return sasl::errorChallenge(sasl::Xoauth2Error{.status = lacksScope ? "403" : "401", .scope = scope});
  return sasl::errorChallenge(sasl::OauthBearerError{.status = lacksScope ? "insufficient_scope" : "invalid_token",
                                                     .scope = scope,
                                                     .openidConfiguration = advisor.openidConfiguration});
}

}  // namespace posthouse::accountd
