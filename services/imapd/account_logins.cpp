#include "account_logins.h"

#include "rpc/call.h"

namespace posthouse::imapd {

using mail::v1::AuthenticateResponse;

Task<std::expected<Identity, LoginFailure>> AccountLogins::authenticate(const sasl::Credentials& credentials,
                                                                        const std::string& remoteAddress,
                                                                        const std::string& sessionId) {
  mail::v1::AuthenticateRequest request;
  auto& plain = *request.mutable_plain();
  plain.set_authorization_identity(credentials.authorizationIdentity);
  plain.set_authentication_identity(credentials.authenticationIdentity);
  plain.set_password(credentials.password);
  request.set_protocol("imap");
  request.set_remote_address(remoteAddress);
  request.set_session_id(sessionId);
  AuthenticateResponse response;
  const grpc::Status status = co_await rpc::unaryPatiently(
      loop_, deadline_, request, response, [this](auto* context, auto* asked, auto* answered, auto done) {
        stub_->async()->Authenticate(context, asked, answered, std::move(done));
      });
  if (!status.ok()) co_return std::unexpected(LoginFailure::unavailable);
  switch (response.result()) {
    case AuthenticateResponse::RESULT_OK:
      co_return Identity{store::AccountId{response.account().account_id()}, response.account().address()};
    case AuthenticateResponse::RESULT_DISABLED:
      co_return std::unexpected(LoginFailure::disabled);
    case AuthenticateResponse::RESULT_NOT_AUTHORIZED:
      co_return std::unexpected(LoginFailure::notAuthorized);
    case AuthenticateResponse::RESULT_BAD_CREDENTIALS:
      co_return std::unexpected(LoginFailure::badCredentials);
    default:
      co_return std::unexpected(LoginFailure::unavailable);
  }
}

}  // namespace posthouse::imapd
