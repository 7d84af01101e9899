#include "accounts_service.h"

#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "directory/address.h"
#include "directory/resolve.h"
#include "directory/store_directory.h"
#include "outcome_texts.h"
#include "statuses.h"

namespace posthouse::accountd {
namespace {

using mail::v1::AuthenticateRequest;
using mail::v1::AuthenticateResponse;
using mail::v1::ExchangeRequest;
using mail::v1::ExchangeResponse;
using mail::v1::ResolveRequest;
using mail::v1::ResolveResponse;

void tell(Outcome outcome, AuthenticateResponse& response) {
  response.set_result(asTold(outcome.result));
  response.set_claimed_name(std::move(outcome.claimedName));
  response.set_text(std::move(outcome.text));
  if (outcome.result != Outcome::Result::ok) return;
  response.mutable_account()->set_account_id(outcome.account);
  response.mutable_account()->set_address(outcome.address);
}

Connection connectionOf(const AuthenticateRequest& request) {
  return {.protocol = request.protocol(),
          .remoteAddress = request.remote_address(),
          .sessionId = request.session_id(),
          .channelBindings = {}};
}

Connection connectionOf(const mail::v1::Connection& connection) {
  return {.protocol = connection.protocol(),
          .remoteAddress = connection.remote_address(),
          .sessionId = connection.session_id(),
          .isTls = connection.tls(),
          .channelBindings = {connection.channel_bindings().begin(), connection.channel_bindings().end()}};
}

/// The client at the other end of a call of Exchange.
class CalledConversation final : public Conversation {
 public:
  explicit CalledConversation(rpc::Exchange<ExchangeRequest, ExchangeResponse>& call) : call_(call) {}

  Task<std::string> ask(std::string challenge) override {
    ExchangeResponse response;
    response.set_challenge(std::move(challenge));
    if (!co_await call_.write(response)) throw ConversationEnded();
    std::optional<ExchangeRequest> request = co_await call_.next();
    if (!request || !request->has_response()) throw ConversationEnded();
    co_return std::move(*request->mutable_response());
  }

 private:
  rpc::Exchange<ExchangeRequest, ExchangeResponse>& call_;
};

ResolveResponse::Result asTold(Resolution::Result result) {
  switch (result) {
    case Resolution::Result::found:
      return ResolveResponse::RESULT_FOUND;
    case Resolution::Result::noSuchAddress:
      return ResolveResponse::RESULT_NO_SUCH_ADDRESS;
    case Resolution::Result::notLocal:
      return ResolveResponse::RESULT_NOT_LOCAL;
    case Resolution::Result::loop:
      return ResolveResponse::RESULT_LOOP;
  }
  return ResolveResponse::RESULT_UNSPECIFIED;
}

std::string_view label(Resolution::Result result) {
  switch (result) {
    case Resolution::Result::found:
      return "found";
    case Resolution::Result::noSuchAddress:
      return "no_such_address";
    case Resolution::Result::notLocal:
      return "not_local";
    case Resolution::Result::loop:
      return "loop";
  }
  return "error";
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
  const auto job = [&](db::Transaction& transaction) {
    StoreAddressBook book(transaction);
    return maySendAs(book, request.account_id(), *address);
  };
  response.set_may(co_await database_.query(job));
  co_return grpc::Status::OK;
}

Task<grpc::Status> AccountsService::authenticate(const AuthenticateRequest& request, AuthenticateResponse& response) {
  if (!request.has_plain()) co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no credentials");
  const Connection connection = connectionOf(request);
  const mail::v1::PlainCredentials& plain = request.plain();
  Attempt attempt{plain.authorization_identity(), plain.authentication_identity(), plain.password()};
  Outcome outcome;
  try {
    outcome = co_await authenticator_.authenticate(std::move(attempt));
  } catch (...) {
    metrics_.attempted(request.protocol(), "error");
    throw;
  }
  note(connection, outcome);
  tell(std::move(outcome), response);
  co_return grpc::Status::OK;
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

  CalledConversation conversation(call);
  Outcome outcome;
  try {
    outcome = co_await mechanisms_.exchange(begin.mechanism(), std::move(initialResponse), connection, conversation);
  } catch (const ConversationEnded& ended) {
    co_return grpc::Status(grpc::StatusCode::CANCELLED, ended.what());
  } catch (...) {
    metrics_.attempted(connection.protocol, "error");
    throw;
  }
  note(connection, outcome);
  ExchangeResponse response;
  tell(std::move(outcome), *response.mutable_outcome());
  co_await call.write(response);
  co_return grpc::Status::OK;
}

grpc::ServerUnaryReactor* AccountsService::ListMechanisms(grpc::CallbackServerContext* context,
                                                          const mail::v1::ListMechanismsRequest*,
                                                          mail::v1::ListMechanismsResponse* response) {
  for (const auto& offered : mechanisms_.offered()) {
    mail::v1::Mechanism& told = *response->add_mechanisms();
    told.set_name(std::string(offered->properties().name));
    told.set_needs_tls(offered->properties().needsTls);
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

void AccountsService::note(const Connection& connection, const Outcome& outcome) {
  metrics_.attempted(connection.protocol, label(outcome.result));
  if (outcome.result == Outcome::Result::ok) return;
  log_.info("auth.failed", "A login was refused",
            {{"protocol", connection.protocol},
             {"remote_ip", connection.remoteAddress},
             {"session_id", connection.sessionId},
             {"login", outcome.claimedName},
             {"reason", label(outcome.result)}});
}

Task<grpc::Status> AccountsService::resolveAddress(const ResolveRequest& request, ResolveResponse& response) {
  // <Postmaster> without a domain is whoever answers for this host (RFC 5321 §4.5.1); some callers add its name.
  const std::string& address = request.address();
  const bool isHost = ascii::equalsIgnoringCase(address, "postmaster") ||
                      ascii::equalsIgnoringCase(address, "postmaster@" + postmaster_.hostname);
  const auto job = [&](db::Transaction& transaction) {
    StoreAddressBook book(transaction, postmaster_);
    Resolution resolution = resolve(book, address);
    if (isHost && resolution.result == Resolution::Result::notLocal) resolution = resolvePostmaster(book);
    return resolution;
  };
  Resolution resolution = co_await database_.query(job);
  metrics_.resolutions.Add({{"result", std::string(label(resolution.result))}}).Increment();
  response.set_result(asTold(resolution.result));
  for (const ResolvedAccount& account : resolution.accounts) {
    mail::v1::Account& told = *response.add_accounts();
    told.set_account_id(account.id);
    told.set_address(account.address);
  }
  response.set_members_only(resolution.membersOnly);
  response.mutable_permitted_senders()->Assign(resolution.permittedSenders.begin(), resolution.permittedSenders.end());
  for (std::string& remote : resolution.remoteAddresses) response.add_remote_addresses(std::move(remote));
  co_return grpc::Status::OK;
}

}  // namespace posthouse::accountd
