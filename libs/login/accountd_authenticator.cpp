#include "login/accountd_authenticator.h"

#include <grpcpp/channel.h>

#include <utility>

#include "base/ascii.h"
#include "mail/v1/account.grpc.pb.h"
#include "rpc/call.h"
#include "rpc/conversation.h"

namespace posthouse::login {

using mail::v1::AuthenticateResponse;
using mail::v1::ExchangeRequest;
using mail::v1::ExchangeResponse;

namespace {

constexpr std::chrono::minutes kLongestExchange{10};  // the client's own time is bounded by its session
constexpr std::chrono::seconds kRestart{2};           // in which an accountd that is started again is back
constexpr std::chrono::milliseconds kPause{100};
constexpr std::chrono::seconds kRefresh{60};

/// Whether accountd may have noted, before it failed, what the client begins with: it would be taken for a replay.
bool isGoodOnce(std::string_view mechanism, const std::optional<std::string>& initialResponse) {
  const bool isTicket = initialResponse && !initialResponse->empty();
  return isTicket && ascii::equalsIgnoringCase(mechanism, "GSSAPI");
}

Denial unavailable() {
  return {.failure = Failure::unavailable};
}

Outcome outcomeOf(const AuthenticateResponse& response) {
  const auto denied = [&](Failure failure) {
    return std::unexpected(Denial{failure, response.claimed_name(), response.text()});
  };
  switch (response.result()) {
    case AuthenticateResponse::RESULT_OK:
      return Identity{store::AccountId{response.account().account_id()}, response.account().address(),
                      response.account().read_only(), response.known_ending()};
    case AuthenticateResponse::RESULT_BAD_CREDENTIALS:
      return denied(Failure::badCredentials);
    case AuthenticateResponse::RESULT_DISABLED:
      return denied(Failure::disabled);
    case AuthenticateResponse::RESULT_NOT_AUTHORIZED:
      return denied(Failure::notAuthorized);
    case AuthenticateResponse::RESULT_MALFORMED:
      return denied(Failure::malformed);
    case AuthenticateResponse::RESULT_NO_MECHANISM:
      return denied(Failure::noSuchMechanism);
    case AuthenticateResponse::RESULT_NEEDS_APP_PASSWORD:
      return denied(Failure::needsAppPassword);
    case AuthenticateResponse::RESULT_NEEDS_CODE:
      return denied(Failure::needsCode);
    case AuthenticateResponse::RESULT_THROTTLED:
      return denied(Failure::throttled);
    default:
      return denied(Failure::unavailable);
  }
}

void tell(const net::PeerCertificate& certificate, mail::v1::ClientCertificate& message) {
  const crypto::ClientCertificate& says = certificate.says;
  message.set_fingerprint(std::string(says.fingerprint.view()));
  message.set_subject(says.subject);
  for (const std::string& mailbox : says.mailboxes) message.add_mailboxes(mailbox);
  message.set_not_before(says.notBefore.time_since_epoch().count());
  message.set_not_after(says.notAfter.time_since_epoch().count());
  message.set_for_clients(says.isForClients);
  message.set_trusted(certificate.isTrusted());
  message.set_revoked(certificate.isRevoked);
  message.set_objection(certificate.objection);
}

void tell(const Connection& connection, mail::v1::Connection& message) {
  message.set_protocol(connection.protocol);
  message.set_remote_address(connection.remoteAddress);
  message.set_session_id(connection.sessionId);
  message.set_tls(connection.isTls);
  for (const auto& [type, octets] : connection.channelBindings) (*message.mutable_channel_bindings())[type] = octets;
  if (connection.clientCertificate) tell(*connection.clientCertificate, *message.mutable_client_certificate());
}

}  // namespace

/// Keeps grpcpp out of the header.
struct AccountdAuthenticator::Stub {
  std::unique_ptr<mail::v1::Accounts::Stub> accounts;
};

/// What became of one try of an exchange.
struct AccountdAuthenticator::Tried {
  std::optional<Outcome> outcome;
  bool mayRepeat = false;  // accountd was away before it had said anything
};

AccountdAuthenticator::AccountdAuthenticator(net::Loop& loop, std::shared_ptr<grpc::Channel> accountd,
                                             std::chrono::milliseconds deadline, std::string protocol)
    : loop_(loop),
      stub_(std::make_unique<Stub>(mail::v1::Accounts::NewStub(std::move(accountd)))),
      deadline_(deadline),
      protocol_(std::move(protocol)) {}

AccountdAuthenticator::~AccountdAuthenticator() = default;

std::vector<std::string> AccountdAuthenticator::mechanisms(const ConnectionTraits& connection) const {
  std::vector<std::string> names;
  for (const Mechanism& mechanism : mechanisms_) {
    if (mechanism.needsTls && !connection.isTls) continue;
    if (mechanism.needsClientCertificate && !connection.hasClientCertificate) continue;
    names.push_back(mechanism.name);
  }
  return names;
}

Task<Outcome> AccountdAuthenticator::checkPassword(std::string name, std::string password, Connection connection) {
  mail::v1::AuthenticateRequest request;
  request.mutable_plain()->set_authentication_identity(name);
  request.mutable_plain()->set_password(std::move(password));
  co_return co_await authenticate(std::move(request), std::move(name), std::move(connection));
}

Task<Outcome> AccountdAuthenticator::checkApop(std::string name, std::string timestamp, std::string digest,
                                               Connection connection) {
  mail::v1::AuthenticateRequest request;
  request.mutable_apop()->set_name(name);
  request.mutable_apop()->set_timestamp(std::move(timestamp));
  request.mutable_apop()->set_digest(std::move(digest));
  co_return co_await authenticate(std::move(request), std::move(name), std::move(connection));
}

Task<TicketAnswer> AccountdAuthenticator::checkTicket(std::string ticket, Connection connection) {
  mail::v1::AuthenticateRequest request;
  request.mutable_ticket()->set_request(std::move(ticket));
  AuthenticateResponse response;
  Outcome outcome = co_await authenticate(std::move(request), {}, std::move(connection), response);
  co_return TicketAnswer{std::move(outcome), std::move(*response.mutable_kerberos_reply())};
}

Task<Outcome> AccountdAuthenticator::authenticate(mail::v1::AuthenticateRequest request, std::string name,
                                                  Connection connection) {
  AuthenticateResponse response;
  co_return co_await authenticate(std::move(request), std::move(name), std::move(connection), response);
}

Task<Outcome> AccountdAuthenticator::authenticate(mail::v1::AuthenticateRequest request, std::string name,
                                                  Connection connection, AuthenticateResponse& response) {
  request.set_protocol(std::move(connection.protocol));
  request.set_remote_address(std::move(connection.remoteAddress));
  request.set_session_id(std::move(connection.sessionId));
  const auto start = [this](auto* context, auto* asked, auto* answer, auto done) {
    stub_->accounts->async()->Authenticate(context, asked, answer, std::move(done));
  };
  // A ticket that accountd has noted before it failed would be taken for a replay.
  const grpc::Status status = request.has_ticket()
                                  ? co_await rpc::unary(loop_, deadline_, request, response, start)
                                  : co_await rpc::unaryPatiently(loop_, deadline_, request, response, start);
  if (!status.ok()) co_return std::unexpected(Denial{.failure = Failure::unavailable, .name = name});
  co_return outcomeOf(response);
}

Task<std::optional<Outcome>> AccountdAuthenticator::exchange(std::string mechanism,
                                                             std::optional<std::string> initialResponse,
                                                             Connection connection, Dialogue& dialogue) {
  const auto end = std::chrono::steady_clock::now() + kRestart;
  for (;;) {
    Tried tried = co_await attempt(mechanism, initialResponse, connection, dialogue);
    const bool isOver = !tried.mayRepeat || isGoodOnce(mechanism, initialResponse);
    if (isOver || std::chrono::steady_clock::now() > end) co_return std::move(tried.outcome);
    co_await loop_.sleep(kPause);
  }
}

Task<AccountdAuthenticator::Tried> AccountdAuthenticator::attempt(const std::string& mechanism,
                                                                  const std::optional<std::string>& initialResponse,
                                                                  const Connection& connection, Dialogue& dialogue) {
  Tried tried{.outcome = std::unexpected(unavailable())};
  bool answered = false;
  const auto talk = [&](rpc::Conversation<ExchangeRequest, ExchangeResponse>& call) -> Task<> {
    ExchangeRequest request;
    request.mutable_begin()->set_mechanism(mechanism);
    if (initialResponse) request.mutable_begin()->set_initial_response(*initialResponse);
    tell(connection, *request.mutable_begin()->mutable_connection());
    while (true) {
      std::optional<ExchangeResponse> response = co_await call.ask(request, deadline_);
      if (!response) co_return;
      answered = true;
      if (response->has_outcome()) {
        tried.outcome = outcomeOf(response->outcome());
        co_return;
      }
      std::optional<std::string> said = co_await dialogue.ask(std::move(*response->mutable_challenge()));
      if (!said) {
        tried.outcome = std::nullopt;
        co_return;
      }
      request.set_response(*std::move(said));
    }
  };
  const grpc::Status status = co_await rpc::converse<ExchangeRequest, ExchangeResponse>(
      loop_, kLongestExchange,
      [this](auto* context, auto* reactor) { stub_->accounts->async()->Exchange(context, reactor); }, talk);
  tried.mayRepeat = !answered && status.error_code() == grpc::StatusCode::UNAVAILABLE;
  co_return tried;
}

Task<bool> AccountdAuthenticator::learnMechanisms() {
  mail::v1::ListMechanismsRequest request;
  request.set_protocol(protocol_);
  mail::v1::ListMechanismsResponse response;
  const auto start = [this](auto* context, auto* asked, auto* answer, auto done) {
    stub_->accounts->async()->ListMechanisms(context, asked, answer, std::move(done));
  };
  const grpc::Status status = co_await rpc::unary(loop_, deadline_, request, response, start);
  if (!status.ok()) co_return false;
  mechanisms_.clear();
  for (const auto& mechanism : response.mechanisms()) {
    mechanisms_.push_back({mechanism.name(), mechanism.needs_tls(), mechanism.needs_client_certificate()});
  }
  co_return true;
}

Task<> AccountdAuthenticator::watchMechanisms(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const bool learnt = co_await learnMechanisms();
    try {
      co_await loop_.sleep(learnt ? std::chrono::milliseconds(kRefresh) : kPause, stop);
    } catch (const net::Interrupted&) {
    }
  }
}

}  // namespace posthouse::login
