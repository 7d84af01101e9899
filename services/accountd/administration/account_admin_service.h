#pragma once
#include <cstddef>

#include "administration/administration.h"
#include "administration/journal.h"
#include "mail/admin/v1/accounts.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// mail.admin.v1.AccountAdmin: translates between gRPC and Administration. Who may call is decided by the transport:
/// the permissions of the unix socket, or a client certificate over TCP (rpc::Server listens on TCP with mutual TLS
/// only); a caller that acts for a user is held to what that one may do (Actor).
class AccountAdminService final : public mail::admin::v1::AccountAdmin::CallbackService {
 public:
  /// An import has up to `importHashes` passwords hashed at once.
  AccountAdminService(net::Loop& loop, Administration& administration, std::size_t importHashes, Journal& journal)
      : loop_(loop), administration_(administration), importHashes_(importHashes), journal_(journal) {}

 private:
  template <class Request, class Response>
  using Unary = grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const Request*, Response*);
  template <class Request, class Response>
  using Listing = grpc::ServerWriteReactor<Response>*(grpc::CallbackServerContext*, const Request*);

  Unary<mail::admin::v1::AddDomainRequest, mail::admin::v1::Domain> AddDomain override;
  Unary<mail::admin::v1::ListDomainsRequest, mail::admin::v1::ListDomainsResponse> ListDomains override;
  Unary<mail::admin::v1::GetDomainRequest, mail::admin::v1::Domain> GetDomain override;
  Unary<mail::admin::v1::SetDomainRequest, mail::admin::v1::Domain> SetDomain override;
  Unary<mail::admin::v1::RemoveDomainRequest, mail::admin::v1::RemoveDomainResponse> RemoveDomain override;

  Unary<mail::admin::v1::AddUserRequest, mail::admin::v1::User> AddUser override;
  Unary<mail::admin::v1::GetUserRequest, mail::admin::v1::User> GetUser override;
  Listing<mail::admin::v1::ListUsersRequest, mail::admin::v1::User> ListUsers override;
  Unary<mail::admin::v1::SetPasswordRequest, mail::admin::v1::User> SetPassword override;
  Unary<mail::admin::v1::SetEnabledRequest, mail::admin::v1::User> SetEnabled override;
  Unary<mail::admin::v1::RemoveUserRequest, mail::admin::v1::RemoveUserResponse> RemoveUser override;
  grpc::ServerBidiReactor<mail::admin::v1::AddUserRequest, mail::admin::v1::ImportUsersResponse>* ImportUsers(
      grpc::CallbackServerContext* context) override;

  Unary<mail::admin::v1::AddGroupRequest, mail::admin::v1::Group> AddGroup override;
  Unary<mail::admin::v1::GetGroupRequest, mail::admin::v1::Group> GetGroup override;
  Listing<mail::admin::v1::ListGroupsRequest, mail::admin::v1::Group> ListGroups override;
  Unary<mail::admin::v1::SetGroupRequest, mail::admin::v1::Group> SetGroup override;
  Unary<mail::admin::v1::AddMembersRequest, mail::admin::v1::Group> AddMembers override;
  Unary<mail::admin::v1::RemoveMembersRequest, mail::admin::v1::Group> RemoveMembers override;
  Unary<mail::admin::v1::RemoveGroupRequest, mail::admin::v1::RemoveGroupResponse> RemoveGroup override;

  Unary<mail::admin::v1::AddAliasRequest, mail::admin::v1::Alias> AddAlias override;
  Listing<mail::admin::v1::ListAliasesRequest, mail::admin::v1::Alias> ListAliases override;
  Unary<mail::admin::v1::RemoveAliasRequest, mail::admin::v1::RemoveAliasResponse> RemoveAlias override;

  Unary<mail::admin::v1::AddSendAsRequest, mail::admin::v1::SendAs> AddSendAs override;
  Unary<mail::admin::v1::GetSendAsRequest, mail::admin::v1::SendAs> GetSendAs override;
  Unary<mail::admin::v1::RemoveSendAsRequest, mail::admin::v1::SendAs> RemoveSendAs override;

  Unary<mail::admin::v1::AddAdministratorRequest, mail::admin::v1::Administrator> AddAdministrator override;
  Unary<mail::admin::v1::ListAdministratorsRequest, mail::admin::v1::ListAdministratorsResponse> ListAdministrators
      override;
  Unary<mail::admin::v1::RemoveAdministratorRequest, mail::admin::v1::RemoveAdministratorResponse> RemoveAdministrator
      override;
  Listing<mail::admin::v1::ListAuditRequest, mail::admin::v1::AuditEntry> ListAudit override;

  Unary<mail::admin::v1::GetQuotaRequest, mail::admin::v1::Quota> GetQuota override;
  Unary<mail::admin::v1::SetQuotaRequest, mail::admin::v1::Quota> SetQuota override;

  Administration actingFor(const grpc::CallbackServerContext& context) const;

  net::Loop& loop_;
  Administration& administration_;
  const std::size_t importHashes_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
