#include "accounts_authenticator.h"

#include <grpcpp/channel.h>

#include <utility>

#include "mail/v1/account.grpc.pb.h"
#include "rpc/call.h"

namespace posthouse::pop3d {

using mail::v1::AuthenticateRequest;
using mail::v1::AuthenticateResponse;

/// Keeps grpcpp out of the header.
struct AccountsAuthenticator::Stub {
  std::unique_ptr<mail::v1::Accounts::Stub> accounts;
};

AccountsAuthenticator::AccountsAuthenticator(net::Loop& loop, std::shared_ptr<grpc::Channel> accountd,
                                             std::chrono::milliseconds deadline)
    : loop_(loop),
      stub_(std::make_unique<Stub>(mail::v1::Accounts::NewStub(std::move(accountd)))),
      deadline_(deadline) {}

AccountsAuthenticator::~AccountsAuthenticator() = default;

Task<std::expected<Account, Denial>> AccountsAuthenticator::authenticate(sasl::Credentials credentials, Client client) {
  AuthenticateRequest request;
  mail::v1::PlainCredentials& plain = *request.mutable_plain();
  plain.set_authorization_identity(std::move(credentials.authorizationIdentity));
  plain.set_authentication_identity(std::move(credentials.authenticationIdentity));
  plain.set_password(std::move(credentials.password));
  request.set_protocol("pop3");
  request.set_remote_address(std::move(client.address));
  request.set_session_id(std::move(client.sessionId));

  AuthenticateResponse response;
  auto start = [this](auto* context, auto* asked, auto* answer, auto done) {
    stub_->accounts->async()->Authenticate(context, asked, answer, std::move(done));
  };
  const grpc::Status status = co_await rpc::unaryPatiently(loop_, deadline_, request, response, start);
  if (!status.ok()) throw AuthenticatorAway("accountd: " + status.error_message());
  switch (response.result()) {
    case AuthenticateResponse::RESULT_OK:
      co_return Account{store::AccountId{response.account().account_id()}, response.account().address()};
    case AuthenticateResponse::RESULT_BAD_CREDENTIALS:
      co_return std::unexpected(Denial::badCredentials);
    case AuthenticateResponse::RESULT_DISABLED:
      co_return std::unexpected(Denial::disabled);
    case AuthenticateResponse::RESULT_NOT_AUTHORIZED:
      co_return std::unexpected(Denial::notAuthorized);
    default:
      throw AuthenticatorAway("accountd gave an answer that is not known here");
  }
}

}  // namespace posthouse::pop3d
