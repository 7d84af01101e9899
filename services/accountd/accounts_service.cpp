#include "accounts_service.h"

#include <optional>
#include <string_view>

#include "address.h"
#include "base/ascii.h"
#include "resolve.h"
#include "rpc/answer.h"
#include "statuses.h"
#include "store_directory.h"

namespace posthouse::accountd {
namespace {

using mail::v1::AuthenticateRequest;
using mail::v1::AuthenticateResponse;
using mail::v1::ResolveRequest;
using mail::v1::ResolveResponse;

AuthenticateResponse::Result asTold(Outcome::Result result) {
  switch (result) {
    case Outcome::Result::ok:
      return AuthenticateResponse::RESULT_OK;
    case Outcome::Result::disabled:
      return AuthenticateResponse::RESULT_DISABLED;
    case Outcome::Result::notAuthorized:
      return AuthenticateResponse::RESULT_NOT_AUTHORIZED;
    case Outcome::Result::badPassword:
    case Outcome::Result::noSuchUser:
      break;
  }
  return AuthenticateResponse::RESULT_BAD_CREDENTIALS;
}

/// As the log and the metrics say it.
std::string_view label(Outcome::Result result) {
  switch (result) {
    case Outcome::Result::ok:
      return "ok";
    case Outcome::Result::badPassword:
      return "bad_password";
    case Outcome::Result::noSuchUser:
      return "no_user";
    case Outcome::Result::disabled:
      return "disabled";
    case Outcome::Result::notAuthorized:
      return "not_authorized";
  }
  return "error";
}

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

Task<grpc::Status> AccountsService::authenticate(const AuthenticateRequest& request, AuthenticateResponse& response) {
  if (!request.has_plain()) co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no credentials");
  const mail::v1::PlainCredentials& plain = request.plain();
  Attempt attempt{plain.authorization_identity(), plain.authentication_identity(), plain.password()};
  Outcome outcome;
  try {
    outcome = co_await authenticator_.authenticate(std::move(attempt));
  } catch (...) {
    metrics_.attempted(request.protocol(), "error");
    throw;
  }
  note(request, outcome);
  response.set_result(asTold(outcome.result));
  if (outcome.result == Outcome::Result::ok) {
    response.mutable_account()->set_account_id(outcome.account);
    response.mutable_account()->set_address(outcome.address);
  }
  co_return grpc::Status::OK;
}

void AccountsService::note(const AuthenticateRequest& request, const Outcome& outcome) {
  metrics_.attempted(request.protocol(), label(outcome.result));
  if (outcome.result == Outcome::Result::ok) return;
  log_.info("auth.failed", "A login was refused",
            {{"protocol", request.protocol()},
             {"remote_ip", request.remote_address()},
             {"session_id", request.session_id()},
             {"login", request.plain().authentication_identity()},
             {"reason", label(outcome.result)}});
}

Task<grpc::Status> AccountsService::resolveAddress(const ResolveRequest& request, ResolveResponse& response) {
  const bool bare = ascii::equalsIgnoringCase(request.address(), "postmaster");
  const std::string& address = bare ? postmaster_ : request.address();
  const auto job = [&](db::Transaction& transaction) {
    StoreAddressBook book(transaction);
    return resolve(book, address);
  };
  Resolution resolution = co_await database_.query(job);
  metrics_.resolutions.Add({{"result", std::string(label(resolution.result))}}).Increment();
  response.set_result(asTold(resolution.result));
  for (const ResolvedAccount& account : resolution.accounts) {
    mail::v1::Account& told = *response.add_accounts();
    told.set_account_id(account.id);
    told.set_address(account.address);
  }
  for (std::string& remote : resolution.remoteAddresses) response.add_remote_addresses(std::move(remote));
  co_return grpc::Status::OK;
}

}  // namespace posthouse::accountd
