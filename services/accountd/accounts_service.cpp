#include "accounts_service.h"

#include <optional>
#include <string_view>

#include "account_messages.h"
#include "base/ascii.h"
#include "called_conversation.h"
#include "crypto/digest.h"
#include "directory/address.h"
#include "directory/resolve.h"
#include "directory/store_directory.h"
#include "outcome_texts.h"
#include "sasl/apop.h"
#include "statuses.h"

namespace posthouse::accountd {
namespace {

using mail::v1::AuthenticateRequest;
using mail::v1::AuthenticateResponse;
using mail::v1::ExchangeRequest;
using mail::v1::ExchangeResponse;
using mail::v1::ResolveRequest;
using mail::v1::ResolveResponse;

/// Whom the client said to be, for logs: what is no address is no login of anybody, but may be a password in the wrong
/// field.
void forgetNonsense(Outcome& outcome) {
  if (!parseAddress(outcome.claimedName)) outcome.claimedName.clear();
}

std::string claimedBy(const AuthenticateRequest& request) {
  return request.has_apop() ? request.apop().name() : request.plain().authentication_identity();
}

Outcome turnedAway(std::string name) {
  return {.result = Outcome::Result::throttled, .claimedName = std::move(name)};
}

}  // namespace

grpc::ServerUnaryReactor* AccountsService::Authenticate(grpc::CallbackServerContext* context,
                                                        const AuthenticateRequest* request,
                                                        AuthenticateResponse* response) {
  return rpc::answer(loop_, context, [=, this] { return orUnavailable(authenticate(*request, *response)); });
}

grpc::ServerUnaryReactor* AccountsService::Resolve(grpc::CallbackServerContext* context, const ResolveRequest* request,
                                                   ResolveResponse* response) {
  return rpc::answer(loop_, context, [=, this] { return orUnavailable(resolveAddress(*request, *response)); });
}

grpc::ServerUnaryReactor* AccountsService::MaySendAs(grpc::CallbackServerContext* context,
                                                     const mail::v1::MaySendAsRequest* request,
                                                     mail::v1::MaySendAsResponse* response) {
  return rpc::answer(loop_, context, [=, this] { return orUnavailable(sendAs(*request, *response)); });
}

Task<grpc::Status> AccountsService::sendAs(const mail::v1::MaySendAsRequest& request,
                                           mail::v1::MaySendAsResponse& response) {
  const std::optional<Address> address = parseAddress(request.address());
  if (!address) co_return grpc::Status::OK;  // what is no address is nobody's
  const auto job = [&](AddressBook& book) { return maySendAs(book, request.account_id(), *address); };
  response.set_may(co_await directories_.ask({}, job));
  co_return grpc::Status::OK;
}

Task<grpc::Status> AccountsService::authenticate(const AuthenticateRequest& request, AuthenticateResponse& response) {
  if (request.credentials_case() == AuthenticateRequest::CREDENTIALS_NOT_SET)
    co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no credentials");
  const Connection connection = connectionOf(request);
  Guard::Visit visit(guard_, connection);
  const std::uint64_t began = endings_.moment();
  TicketLogin ticket(tickets_, connection.protocol);
  Outcome outcome;
  try {
    outcome = co_await judge(request, connection, visit, ticket);
    outcome = co_await visit.conclude(co_await directories_.confirm(std::move(outcome)));
  } catch (const TurnedAway&) {
    outcome = turnedAway(claimedBy(request));
  } catch (const MechanismUnavailable& error) {
    metrics_.attempted(request.protocol(), "error");
    log_.error("auth.unavailable", error.what(), {{"mechanism", "KPOP"}, {"protocol", connection.protocol}});
    throw;
  } catch (...) {
    metrics_.attempted(request.protocol(), "error");
    throw;
  }
  forgetNonsense(outcome);
  note(connection, outcome);
  if (request.has_ticket()) response.set_kerberos_reply(co_await ticket.reply(outcome));
  tell(std::move(outcome), response);
  tellEndings(began, response);
  co_return grpc::Status::OK;
}

Task<Outcome> AccountsService::judge(const AuthenticateRequest& request, const Connection& connection,
                                     Guard::Visit& visit, TicketLogin& ticket) {
  if (request.has_ticket()) co_return co_await ticket.judge(request.ticket().request());
  if (request.has_apop()) {
    const mail::v1::ApopCredentials& apop = request.apop();
    co_await visit.claims(apop.name(), std::nullopt);
    const auto proves = [&](std::string_view secret) {
      return sasl::verifyApop(apop.timestamp(), apop.digest(), secret);
    };
    co_return co_await sharedSecrets_.judge(SharedSecretKind::apop, apop.name(), connection.protocol, proves);
  }
  const mail::v1::PlainCredentials& plain = request.plain();
  co_await visit.claims(plain.authentication_identity(), plain.password());
  co_return co_await authenticator_.authenticate({.authorizationIdentity = plain.authorization_identity(),
                                                  .authenticationIdentity = plain.authentication_identity(),
                                                  .password = plain.password(),
                                                  .oneTimeCode = plain.one_time_code(),
                                                  .connection = connection});
}

void AccountsService::tellEndings(std::uint64_t began, AuthenticateResponse& response) const {
  if (response.has_account())
    response.set_known_ending(endings_.latestOf(store::AccountId{response.account().account_id()}, began));
}

grpc::ServerBidiReactor<ExchangeRequest, ExchangeResponse>* AccountsService::Exchange(grpc::CallbackServerContext*) {
  return rpc::answerExchange<ExchangeRequest, ExchangeResponse>(
      loop_, [this](ExchangeCall& call) { return orUnavailable(exchange(call)); });
}

Task<grpc::Status> AccountsService::exchange(ExchangeCall& call) {
  std::optional<ExchangeRequest> first = co_await call.next();
  if (!first) co_return grpc::Status(grpc::StatusCode::CANCELLED, "nothing was asked");
  if (!first->has_begin())
    co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "an exchange begins with `begin`");
  mail::v1::BeginExchange& begin = *first->mutable_begin();
  const Connection connection = connectionOf(begin.connection());
  std::optional<std::string> initialResponse;
  if (begin.has_initial_response()) initialResponse = std::move(*begin.mutable_initial_response());

  Guard::Visit visit(guard_, connection);
  CalledConversation conversation(call, visit);
  const std::uint64_t began = endings_.moment();
  Outcome outcome;
  try {
    outcome = co_await mechanisms_.exchange(begin.mechanism(), std::move(initialResponse), connection, conversation);
    outcome = co_await visit.conclude(co_await directories_.confirm(std::move(outcome)));
  } catch (const TurnedAway&) {
    outcome = turnedAway(conversation.claimed());
  } catch (const ConversationEnded& ended) {
    co_return grpc::Status(grpc::StatusCode::CANCELLED, ended.what());
  } catch (const MechanismUnavailable& error) {
    metrics_.attempted(connection.protocol, "error");
    log_.error("auth.unavailable", error.what(), {{"mechanism", begin.mechanism()}, {"protocol", connection.protocol}});
    throw;
  } catch (...) {
    metrics_.attempted(connection.protocol, "error");
    throw;
  }
  forgetNonsense(outcome);
  note(connection, outcome);
  ExchangeResponse response;
  tell(std::move(outcome), *response.mutable_outcome());
  tellEndings(began, *response.mutable_outcome());
  co_await call.write(response);
  co_return grpc::Status::OK;
}

grpc::ServerUnaryReactor* AccountsService::ListMechanisms(grpc::CallbackServerContext* context,
                                                          const mail::v1::ListMechanismsRequest* request,
                                                          mail::v1::ListMechanismsResponse* response) {
  for (const auto& offered : mechanisms_.offered()) {
    if (!request->protocol().empty() && !offered->serves(request->protocol())) continue;
    mail::v1::Mechanism& told = *response->add_mechanisms();
    told.set_name(std::string(offered->properties().name));
    told.set_needs_tls(offered->properties().needsTls);
    told.set_needs_client_certificate(offered->properties().needsClientCertificate);
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

void AccountsService::note(const Connection& connection, const Outcome& outcome) {
  metrics_.attempted(connection.protocol, label(outcome.result));
  if (outcome.result == Outcome::Result::ok) return;
  const observe::Log log = outcome.detail.empty() ? log_ : log_.with({{"detail", outcome.detail}});
  log.info("auth.failed", "A login was refused",
           {{"protocol", connection.protocol},
            {"remote_ip", connection.remoteAddress},
            {"session_id", connection.sessionId},
            {"login", outcome.claimedName},
            {"reason", label(outcome.result)}});
  if (outcome.result != Outcome::Result::badCertificate || !connection.clientCertificate) return;
  const ClientCertificate& certificate = *connection.clientCertificate;
  log_.info("auth.certificate.refused", outcome.text,
            {{"session_id", connection.sessionId},
             {"fingerprint", crypto::hex(certificate.fingerprint)},
             {"subject", certificate.subject},
             {"objection", certificate.objection}});
}

Task<grpc::Status> AccountsService::resolveAddress(const ResolveRequest& request, ResolveResponse& response) {
  // <Postmaster> without a domain is whoever answers for this host (RFC 5321 §4.5.1); some callers add its name.
  const std::string& address = request.address();
  const bool isHost = ascii::equalsIgnoringCase(address, "postmaster") ||
                      ascii::equalsIgnoringCase(address, "postmaster@" + postmaster_.hostname);
  const auto job = [&](AddressBook& book) {
    Resolution resolution = resolve(book, address);
    if (isHost && resolution.result == Resolution::Result::notLocal) resolution = resolvePostmaster(book);
    return resolution;
  };
  Resolution resolution = co_await directories_.ask(postmaster_, job);
  metrics_.resolutions.Add({{"result", std::string(label(resolution.result))}}).Increment();
  tell(std::move(resolution), response);
  co_return grpc::Status::OK;
}

}  // namespace posthouse::accountd
