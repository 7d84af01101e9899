// The server's side of GSSAPI, RFC 4752 §3.2.
#include "mechanisms/gssapi.h"

#include <utility>

#include "directory/address.h"
#include "kerberos/holder_outcome.h"
#include "sasl/gssapi.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxToken = std::size_t{64} * 1024;  // octets; tickets of large organisations hold many groups
constexpr int kMaxTokens = 8;                              // Kerberos needs one, or two

Outcome malformed(std::string_view text, std::string detail = {}) {
  if (detail.empty()) detail = text;
  return {.result = Outcome::Result::malformed, .text = "GSSAPI: " + std::string(text), .detail = std::move(detail)};
}

Outcome refused(Rejection rejection) {
  if (rejection.isMalformed) return malformed("not a token of Kerberos", std::move(rejection.reason));
  return {.result = Outcome::Result::badTicket, .detail = std::move(rejection.reason)};
}

}  // namespace

Task<Outcome> Gssapi::exchange(std::optional<std::string> initialResponse, Connection connection,
                               Conversation& conversation) {
  std::optional<std::string> service = kerberos_.settings.serviceOf(connection.protocol);
  if (!service) co_return Outcome{.result = Outcome::Result::noSuchMechanism};
  const auto context = kerberos_.acceptor.begin(*std::move(service));
  // No token of Kerberos is empty: a client that begins with nothing waits to be asked.
  if (!initialResponse || initialResponse->empty()) initialResponse = co_await conversation.ask({});
  std::optional<Outcome> failure = co_await establish(*context, *std::move(initialResponse), conversation);
  if (failure) co_return *std::move(failure);
  Outcome outcome = co_await authorize(*context, conversation);
  if (outcome.claimedName.empty()) outcome.claimedName = printable(context->initiator());
  co_return outcome;
}

/// Tokens to and fro until the context is complete; what went wrong, or nothing.
Task<std::optional<Outcome>> Gssapi::establish(SecurityContext& context, std::string token,
                                               Conversation& conversation) {
  for (int count = 0; count < kMaxTokens; ++count) {
    if (token.size() > kMaxToken) co_return malformed("a token of more than 64 KiB");
    const auto step = [&] { return context.accept(token); };
    auto accepted = co_await kerberos_.workers.run(step);
    if (!accepted) co_return refused(std::move(accepted.error()));
    if (accepted->isComplete && accepted->token.empty()) co_return std::nullopt;
    token = co_await conversation.ask(std::move(accepted->token));
    if (!accepted->isComplete) continue;
    if (token.empty()) co_return std::nullopt;
    co_return malformed("a token too many");
  }
  co_return malformed("no end of tokens");
}

/// The negotiation of a security layer, and whom the client wants to act as.
Task<Outcome> Gssapi::authorize(SecurityContext& context, Conversation& conversation) {
  const auto offer = [&] { return context.wrap(sasl::gssapiOffer()); };
  auto challenge = co_await kerberos_.workers.run(offer);
  if (!challenge) co_return refused(std::move(challenge.error()));
  const std::string response = co_await conversation.ask(*std::move(challenge));
  if (response.size() > kMaxToken) co_return malformed("a token of more than 64 KiB");
  const auto read = [&] { return context.unwrap(response); };
  auto message = co_await kerberos_.workers.run(read);
  if (!message) co_return refused(std::move(message.error()));
  auto choice = sasl::parseGssapiChoice(*message);
  if (!choice) co_return malformed(choice.error().reason);
  if (context.hasExpired()) co_return refused({.reason = "the ticket ran out within the exchange"});
  co_return co_await judge(context.initiator(), std::move(choice->authorizationIdentity));
}

/// What a client may be told who has proved to be a principal.
Task<Outcome> Gssapi::judge(std::string principal, std::string authorizationIdentity) {
  const std::optional<PrincipalHolder> holder = co_await kerberos_.principals.find(principal);
  Outcome outcome = outcomeFor(holder);
  if (outcome.result == Outcome::Result::ok && !authorizationIdentity.empty() &&
      parseAddress(authorizationIdentity) != parseAddress(holder->address))
    outcome = {.result = Outcome::Result::notAuthorized, .detail = "to act as " + authorizationIdentity};
  outcome.claimedName = printable(std::move(principal));
  co_return outcome;
}

}  // namespace posthouse::accountd
