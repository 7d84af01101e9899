#pragma once
#include "db/database.h"
#include "defence/guard.h"
#include "directory/store_directory.h"
#include "kerberos/ticket_login.h"
#include "ldap/directories.h"
#include "logins/authenticator.h"
#include "logins/mechanisms.h"
#include "logins/shared_secrets.h"
#include "mail/v1/account.grpc.pb.h"
#include "metrics.h"
#include "net/loop.h"
#include "observe/log.h"
#include "rpc/answer.h"
#include "sessions/endings.h"

namespace posthouse::accountd {

/// mail.v1.Accounts: translates between gRPC and the engine.
class AccountsService final : public mail::v1::Accounts::CallbackService {
 public:
  /// `tickets`: null without a keytab.
  AccountsService(net::Loop& loop, ldap::Directories& directories, Authenticator& authenticator,
                  SharedSecrets& sharedSecrets, Mechanisms& mechanisms, Guard& guard, const Endings& endings,
                  PostmasterRule postmaster, Metrics& metrics, observe::Log log, const TicketParts* tickets = nullptr)
      : loop_(loop),
        directories_(directories),
        authenticator_(authenticator),
        sharedSecrets_(sharedSecrets),
        mechanisms_(mechanisms),
        guard_(guard),
        endings_(endings),
        postmaster_(std::move(postmaster)),
        metrics_(metrics),
        log_(std::move(log)),
        tickets_(tickets) {}

  grpc::ServerUnaryReactor* Authenticate(grpc::CallbackServerContext* context,
                                         const mail::v1::AuthenticateRequest* request,
                                         mail::v1::AuthenticateResponse* response) override;
  grpc::ServerBidiReactor<mail::v1::ExchangeRequest, mail::v1::ExchangeResponse>* Exchange(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* ListMechanisms(grpc::CallbackServerContext* context,
                                           const mail::v1::ListMechanismsRequest* request,
                                           mail::v1::ListMechanismsResponse* response) override;
  grpc::ServerUnaryReactor* Resolve(grpc::CallbackServerContext* context, const mail::v1::ResolveRequest* request,
                                    mail::v1::ResolveResponse* response) override;

  grpc::ServerUnaryReactor* MaySendAs(grpc::CallbackServerContext* context, const mail::v1::MaySendAsRequest* request,
                                      mail::v1::MaySendAsResponse* response) override;

 private:
  Task<grpc::Status> sendAs(const mail::v1::MaySendAsRequest& request, mail::v1::MaySendAsResponse& response);
  Task<grpc::Status> authenticate(const mail::v1::AuthenticateRequest& request,
                                  mail::v1::AuthenticateResponse& response);
  /// A name with a password, or with APOP's digest, or a ticket.
  Task<Outcome> judge(const mail::v1::AuthenticateRequest& request, const Connection& connection, Guard::Visit& visit,
                      TicketLogin& ticket);
  using ExchangeCall = rpc::Exchange<mail::v1::ExchangeRequest, mail::v1::ExchangeResponse>;
  Task<grpc::Status> exchange(ExchangeCall& call);
  Task<grpc::Status> resolveAddress(const mail::v1::ResolveRequest& request, mail::v1::ResolveResponse& response);
  /// `began`: a moment of endings_, before any credential was read.
  void tellEndings(std::uint64_t began, mail::v1::AuthenticateResponse& response) const;
  /// Counts and logs it.
  void note(const Connection& connection, const Outcome& outcome);

  net::Loop& loop_;
  ldap::Directories& directories_;
  Authenticator& authenticator_;
  SharedSecrets& sharedSecrets_;
  Mechanisms& mechanisms_;
  Guard& guard_;
  const Endings& endings_;
  const PostmasterRule postmaster_;
  Metrics& metrics_;
  const observe::Log log_;
  const TicketParts* const tickets_;
};

}  // namespace posthouse::accountd
