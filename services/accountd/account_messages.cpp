#include "account_messages.h"

#include <utility>

#include "outcome_texts.h"

namespace posthouse::accountd {

using mail::v1::AuthenticateRequest;
using mail::v1::AuthenticateResponse;
using mail::v1::ResolveResponse;

namespace {

ClientCertificate certificateOf(const mail::v1::ClientCertificate& certificate) {
  using std::chrono::seconds, std::chrono::sys_seconds;
  return {.fingerprint = certificate.fingerprint(),
          .subject = certificate.subject(),
          .mailboxes = {certificate.mailboxes().begin(), certificate.mailboxes().end()},
          .notBefore = sys_seconds(seconds(certificate.not_before())),
          .notAfter = sys_seconds(seconds(certificate.not_after())),
          .isForClients = certificate.for_clients(),
          .isTrusted = certificate.trusted(),
          .isRevoked = certificate.revoked(),
          .objection = certificate.objection()};
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

}  // namespace

void tell(Outcome outcome, AuthenticateResponse& response) {
  response.set_result(asTold(outcome.result));
  response.set_claimed_name(std::move(outcome.claimedName));
  response.set_text(std::move(outcome.text));
  if (outcome.result != Outcome::Result::ok) return;
  response.mutable_account()->set_account_id(outcome.account);
  response.mutable_account()->set_address(outcome.address);
  response.mutable_account()->set_read_only(outcome.readOnly);
}

Connection connectionOf(const AuthenticateRequest& request) {
  return {.protocol = request.protocol(),
          .remoteAddress = request.remote_address(),
          .sessionId = request.session_id(),
          .channelBindings = {}};
}

Connection connectionOf(const mail::v1::Connection& connection) {
  std::optional<ClientCertificate> certificate;
  if (connection.has_client_certificate()) certificate = certificateOf(connection.client_certificate());
  return {.protocol = connection.protocol(),
          .remoteAddress = connection.remote_address(),
          .sessionId = connection.session_id(),
          .isTls = connection.tls(),
          .channelBindings = {connection.channel_bindings().begin(), connection.channel_bindings().end()},
          .clientCertificate = std::move(certificate)};
}

void tell(Resolution resolution, ResolveResponse& response) {
  response.set_result(asTold(resolution.result));
  for (const ResolvedAccount& account : resolution.accounts) {
    mail::v1::Account& told = *response.add_accounts();
    told.set_account_id(account.id);
    told.set_address(account.address);
  }
  response.set_members_only(resolution.membersOnly);
  response.mutable_permitted_senders()->Assign(resolution.permittedSenders.begin(), resolution.permittedSenders.end());
  for (std::string& remote : resolution.remoteAddresses) response.add_remote_addresses(std::move(remote));
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

}  // namespace posthouse::accountd
