#include "accountd_authenticator.h"

#include "rpc/call.h"

namespace posthouse::smtpd {
namespace {

constexpr std::chrono::seconds kDeadline{10};  // a password hash takes its time, and so does a queue of them

Authentication::Result resultOf(const mail::v1::AuthenticateResponse& response) {
  switch (response.result()) {
    case mail::v1::AuthenticateResponse::RESULT_OK:
      return Authentication::Result::ok;
    case mail::v1::AuthenticateResponse::RESULT_BAD_CREDENTIALS:
      return Authentication::Result::badCredentials;
    case mail::v1::AuthenticateResponse::RESULT_DISABLED:
      return Authentication::Result::disabled;
    case mail::v1::AuthenticateResponse::RESULT_NOT_AUTHORIZED:
      return Authentication::Result::notAuthorized;
    default:
      return Authentication::Result::unavailable;
  }
}

}  // namespace

Task<Authentication> AccountdAuthenticator::authenticate(const sasl::Credentials& credentials, const Client& client) {
  mail::v1::AuthenticateRequest request;
  request.mutable_plain()->set_authorization_identity(credentials.authorizationIdentity);
  request.mutable_plain()->set_authentication_identity(credentials.authenticationIdentity);
  request.mutable_plain()->set_password(credentials.password);
  request.set_protocol("submission");
  request.set_remote_address(client.address.host);
  request.set_session_id(client.sessionId);
  mail::v1::AuthenticateResponse response;
  const auto start = [this](auto* context, auto* asked, auto* answer, auto done) {
    stub_->async()->Authenticate(context, asked, answer, std::move(done));
  };
  const grpc::Status status = co_await rpc::unaryPatiently(loop_, kDeadline, request, response, start);
  if (!status.ok()) co_return Authentication{};
  co_return Authentication{resultOf(response),
                           {store::AccountId{response.account().account_id()}, response.account().address()}};
}

}  // namespace posthouse::smtpd
