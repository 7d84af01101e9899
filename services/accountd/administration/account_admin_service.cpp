// mail.admin.v1.AccountAdmin. A call's coroutine is made on gRPC's thread, where nothing of it runs yet, and is run on
// the loop.
#include "administration/account_admin_service.h"

#include <chrono>
#include <utility>

#include "administration/actor.h"
#include "administration/admin_answers.h"
#include "administration/import_users.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using grpc::Status;

Task<Status> import(ImportExchange& exchange, Administration administration, std::size_t hashes, Journal& journal) {
  co_return co_await importUsers(exchange, administration, hashes, journal);
}

template <class Texts>
std::vector<std::string> all(const Texts& texts) {
  return {texts.begin(), texts.end()};
}

store::AccountKind kindOf(admin::Group::Kind kind) {
  switch (kind) {
    case admin::Group::KIND_GROUP:
      return store::AccountKind::group;
    case admin::Group::KIND_SHARED:
      return store::AccountKind::shared;
    default:
      return store::AccountKind::individual;
  }
}

NewGroup newGroup(const admin::AddGroupRequest& request) {
  NewGroup group{.kind = kindOf(request.kind()),
                 .address = request.address(),
                 .members = {request.members().begin(), request.members().end()},
                 .membersOnly = request.members_only()};
  if (request.has_quota_bytes()) group.quotaBytes = request.quota_bytes();
  return group;
}

store::AuditRepository::Wanted auditWanted(const admin::ListAuditRequest& request) {
  return {.since = std::chrono::system_clock::time_point(std::chrono::seconds(request.since())),
          .object = request.object(),
          .actor = request.actor()};
}

DomainChange domainChange(const admin::SetDomainRequest& request) {
  DomainChange change;
  if (request.has_catch_all()) change.catchAll = request.catch_all();
  if (request.has_separators()) change.separators = request.separators();
  if (request.has_default_quota_bytes()) change.defaultQuotaBytes = request.default_quota_bytes();
  if (request.has_max_users()) change.maxUsers = request.max_users();
  if (request.has_max_aliases()) change.maxAliases = request.max_aliases();
  if (request.has_two_factors_required()) change.twoFactorsRequired = request.two_factors_required();
  return change;
}

}  // namespace

Administration AccountAdminService::actingFor(const CallbackServerContext& context) const {
  return administration_.as(actorOf(context));
}

ServerUnaryReactor* AccountAdminService::AddDomain(CallbackServerContext* context,
                                                   const admin::AddDomainRequest* request, admin::Domain* response) {
  return serve(
      loop_, context,
      change(actingFor(*context), *response, journal_, "domain.add", &Administration::addDomain, request->name()));
}

ServerUnaryReactor* AccountAdminService::ListDomains(CallbackServerContext* context, const admin::ListDomainsRequest*,
                                                     admin::ListDomainsResponse* response) {
  return serve(loop_, context, read(actingFor(*context), *response, &Administration::domains));
}

ServerUnaryReactor* AccountAdminService::GetDomain(CallbackServerContext* context,
                                                   const admin::GetDomainRequest* request, admin::Domain* response) {
  return serve(loop_, context, read(actingFor(*context), *response, &Administration::domain, request->name()));
}

ServerUnaryReactor* AccountAdminService::SetDomain(CallbackServerContext* context,
                                                   const admin::SetDomainRequest* request, admin::Domain* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "domain.set", &Administration::setDomain,
                      request->name(), domainChange(*request)));
}

ServerUnaryReactor* AccountAdminService::RemoveDomain(CallbackServerContext* context,
                                                      const admin::RemoveDomainRequest* request,
                                                      admin::RemoveDomainResponse*) {
  return serve(loop_, context,
               removal(actingFor(*context), journal_, "domain.remove", &Administration::removeDomain, request->name()));
}

ServerUnaryReactor* AccountAdminService::AddUser(CallbackServerContext* context, const admin::AddUserRequest* request,
                                                 admin::User* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "user.add", &Administration::addUser, asked(*request)));
}

ServerUnaryReactor* AccountAdminService::GetUser(CallbackServerContext* context, const admin::GetUserRequest* request,
                                                 admin::User* response) {
  return serve(loop_, context, read(actingFor(*context), *response, &Administration::user, request->address()));
}

grpc::ServerWriteReactor<admin::User>* AccountAdminService::ListUsers(CallbackServerContext* context,
                                                                      const admin::ListUsersRequest* request) {
  return serveList<store::Account, admin::User, admin::ListUsersRequest>(
      loop_, actingFor(*context), request,
      [](Administration& administration, const admin::ListUsersRequest& asked, std::string after) {
        return administration.users(asked.domain(), std::move(after));
      });
}

ServerUnaryReactor* AccountAdminService::SetPassword(CallbackServerContext* context,
                                                     const admin::SetPasswordRequest* request, admin::User* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "user.passwd", &Administration::setPassword,
                      request->address(), request->password()));
}

ServerUnaryReactor* AccountAdminService::SetEnabled(CallbackServerContext* context,
                                                    const admin::SetEnabledRequest* request, admin::User* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, request->enabled() ? "user.enable" : "user.disable",
                      &Administration::setEnabled, request->address(), request->enabled()));
}

ServerUnaryReactor* AccountAdminService::RemoveUser(CallbackServerContext* context,
                                                    const admin::RemoveUserRequest* request,
                                                    admin::RemoveUserResponse*) {
  return serve(loop_, context,
               removal(actingFor(*context), journal_, "user.remove", &Administration::removeUser, request->address()));
}

grpc::ServerBidiReactor<admin::AddUserRequest, admin::ImportUsersResponse>* AccountAdminService::ImportUsers(
    CallbackServerContext* context) {
  return rpc::answerExchange<admin::AddUserRequest, admin::ImportUsersResponse>(
      loop_, [this, administration = actingFor(*context)](ImportExchange& exchange) {
        return orUnavailable(import(exchange, administration, importHashes_, journal_));
      });
}

ServerUnaryReactor* AccountAdminService::AddGroup(CallbackServerContext* context, const admin::AddGroupRequest* request,
                                                  admin::Group* response) {
  return serve(
      loop_, context,
      change(actingFor(*context), *response, journal_, "group.add", &Administration::addGroup, newGroup(*request)));
}

ServerUnaryReactor* AccountAdminService::GetGroup(CallbackServerContext* context, const admin::GetGroupRequest* request,
                                                  admin::Group* response) {
  return serve(loop_, context, read(actingFor(*context), *response, &Administration::group, request->address()));
}

grpc::ServerWriteReactor<admin::Group>* AccountAdminService::ListGroups(CallbackServerContext* context,
                                                                        const admin::ListGroupsRequest* request) {
  return serveList<store::Group, admin::Group, admin::ListGroupsRequest>(
      loop_, actingFor(*context), request,
      [](Administration& administration, const admin::ListGroupsRequest& asked, std::string after) {
        return administration.groups(kindOf(asked.kind()), asked.domain(), std::move(after));
      });
}

ServerUnaryReactor* AccountAdminService::SetGroup(CallbackServerContext* context, const admin::SetGroupRequest* request,
                                                  admin::Group* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "group.set", &Administration::setMembersOnly,
                      request->address(), request->members_only()));
}

ServerUnaryReactor* AccountAdminService::AddMembers(CallbackServerContext* context,
                                                    const admin::AddMembersRequest* request, admin::Group* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "member.add", &Administration::addMembers,
                      request->address(), all(request->members())));
}

ServerUnaryReactor* AccountAdminService::RemoveMembers(CallbackServerContext* context,
                                                       const admin::RemoveMembersRequest* request,
                                                       admin::Group* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "member.remove", &Administration::removeMembers,
                      request->address(), all(request->members())));
}

ServerUnaryReactor* AccountAdminService::RemoveGroup(CallbackServerContext* context,
                                                     const admin::RemoveGroupRequest* request,
                                                     admin::RemoveGroupResponse*) {
  return serve(
      loop_, context,
      removal(actingFor(*context), journal_, "group.remove", &Administration::removeGroup, request->address()));
}

ServerUnaryReactor* AccountAdminService::AddAlias(CallbackServerContext* context, const admin::AddAliasRequest* request,
                                                  admin::Alias* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "alias.add", &Administration::addAlias,
                      request->address(), all(request->members())));
}

grpc::ServerWriteReactor<admin::Alias>* AccountAdminService::ListAliases(CallbackServerContext* context,
                                                                         const admin::ListAliasesRequest* request) {
  return serveList<store::Alias, admin::Alias, admin::ListAliasesRequest>(
      loop_, actingFor(*context), request,
      [](Administration& administration, const admin::ListAliasesRequest& asked, std::string after) {
        return administration.aliases(asked.domain(), std::move(after));
      });
}

ServerUnaryReactor* AccountAdminService::RemoveAlias(CallbackServerContext* context,
                                                     const admin::RemoveAliasRequest* request,
                                                     admin::RemoveAliasResponse*) {
  return serve(loop_, context,
               removal(actingFor(*context), journal_, "alias.remove", &Administration::removeAlias, request->address(),
                       all(request->members())));
}

ServerUnaryReactor* AccountAdminService::AddSendAs(CallbackServerContext* context,
                                                   const admin::AddSendAsRequest* request, admin::SendAs* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "send-as.add", &Administration::addSendAs,
                      request->address(), all(request->senders())));
}

ServerUnaryReactor* AccountAdminService::GetSendAs(CallbackServerContext* context,
                                                   const admin::GetSendAsRequest* request, admin::SendAs* response) {
  return serve(loop_, context, read(actingFor(*context), *response, &Administration::sendAs, request->address()));
}

ServerUnaryReactor* AccountAdminService::RemoveSendAs(CallbackServerContext* context,
                                                      const admin::RemoveSendAsRequest* request,
                                                      admin::SendAs* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "send-as.remove", &Administration::removeSendAs,
                      request->address(), all(request->senders())));
}

ServerUnaryReactor* AccountAdminService::AddAdministrator(CallbackServerContext* context,
                                                          const admin::AddAdministratorRequest* request,
                                                          admin::Administrator* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "admin.add", &Administration::addAdministrator,
                      request->address(), request->domain()));
}

ServerUnaryReactor* AccountAdminService::ListAdministrators(CallbackServerContext* context,
                                                            const admin::ListAdministratorsRequest*,
                                                            admin::ListAdministratorsResponse* response) {
  return serve(loop_, context, read(actingFor(*context), *response, &Administration::administrators));
}

ServerUnaryReactor* AccountAdminService::RemoveAdministrator(CallbackServerContext* context,
                                                             const admin::RemoveAdministratorRequest* request,
                                                             admin::RemoveAdministratorResponse*) {
  return serve(loop_, context,
               removal(actingFor(*context), journal_, "admin.remove", &Administration::removeAdministrator,
                       request->address(), request->domain()));
}

grpc::ServerWriteReactor<admin::AuditEntry>* AccountAdminService::ListAudit(CallbackServerContext* context,
                                                                            const admin::ListAuditRequest* request) {
  return serveList<store::AuditEntry, admin::AuditEntry, admin::ListAuditRequest>(
      loop_, actingFor(*context), request,
      [](Administration& administration, const admin::ListAuditRequest& asked, std::string after) {
        return administration.audit(auditWanted(asked), after.empty() ? 0 : std::stoll(after));
      });
}

ServerUnaryReactor* AccountAdminService::GetQuota(CallbackServerContext* context, const admin::GetQuotaRequest* request,
                                                  admin::Quota* response) {
  return serve(loop_, context, read(actingFor(*context), *response, &Administration::quota, request->address()));
}

ServerUnaryReactor* AccountAdminService::SetQuota(CallbackServerContext* context, const admin::SetQuotaRequest* request,
                                                  admin::Quota* response) {
  return serve(loop_, context,
               change(actingFor(*context), *response, journal_, "quota.set", &Administration::setQuota,
                      request->address(), request->limit_bytes()));
}

}  // namespace posthouse::accountd
