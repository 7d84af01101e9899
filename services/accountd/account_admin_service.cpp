// mail.admin.v1.AccountAdmin. A call's coroutine is made on gRPC's thread, where nothing of it runs yet, and is run on
// the loop.
#include "account_admin_service.h"

#include <utility>

#include "admin_messages.h"
#include "import_users.h"
#include "rpc/answer.h"
#include "statuses.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using grpc::Status;

/// What an Answer is to the caller: its value told, or its refusal. A change goes into the journal.
template <class T, class Response>
Task<Status> read(Task<Answer<T>> wish, Response& response) {
  const Answer<T> answer = co_await std::move(wish);
  if (!answer) co_return status(answer.error());
  tell(*answer, response);
  co_return Status::OK;
}

const std::string& subject(const store::Domain& domain) {
  return domain.name;
}
const std::string& subject(const store::Account& account) {
  return account.address;
}
const std::string& subject(const store::Alias& alias) {
  return alias.address;
}

template <class T, class Response>
Task<Status> change(Task<Answer<T>> wish, Response& response, Journal& journal, std::string_view action) {
  const Answer<T> answer = co_await std::move(wish);
  if (!answer) co_return status(answer.error());
  journal.changed(action, subject(*answer));
  tell(*answer, response);
  co_return Status::OK;
}

/// What is gone leaves its name only.
Task<Status> removal(Task<Answer<std::string>> wish, Journal& journal, std::string_view action) {
  const Answer<std::string> answer = co_await std::move(wish);
  if (!answer) co_return status(answer.error());
  journal.changed(action, *answer);
  co_return Status::OK;
}

Task<Status> listDomains(Administration& administration, admin::ListDomainsResponse& response) {
  for (const store::Domain& domain : co_await administration.domains()) tell(domain, *response.add_domains());
  co_return Status::OK;
}

/// Page by page, so that no listing is in memory whole; a page is one snapshot, the listing is not.
template <class T, class Message>
Task<Status> list(rpc::Download<Message>& download, Administration& administration, const std::string& domain,
                  Task<Answer<std::vector<T>>> (Administration::*page)(std::string, std::string)) {
  std::string after;
  while (true) {
    const Answer<std::vector<T>> entries = co_await (administration.*page)(domain, after);
    if (!entries) co_return status(entries.error());
    for (const T& entry : *entries) {
      Message message;
      tell(entry, message);
      const bool taken = co_await download.write(message);
      if (!taken) co_return Status::CANCELLED;
      after = entry.address;
    }
    if (entries->size() < Administration::kPage) co_return Status::OK;
  }
}

ServerUnaryReactor* serve(net::Loop& loop, CallbackServerContext* context, Task<Status> call) {
  return rpc::answer(loop, context, [call = orUnavailable(std::move(call))]() mutable { return std::move(call); });
}

}  // namespace

ServerUnaryReactor* AccountAdminService::AddDomain(CallbackServerContext* context,
                                                   const admin::AddDomainRequest* request, admin::Domain* response) {
  return serve(loop_, context, change(administration_.addDomain(request->name()), *response, journal_, "domain.add"));
}

ServerUnaryReactor* AccountAdminService::ListDomains(CallbackServerContext* context, const admin::ListDomainsRequest*,
                                                     admin::ListDomainsResponse* response) {
  return serve(loop_, context, listDomains(administration_, *response));
}

ServerUnaryReactor* AccountAdminService::RemoveDomain(CallbackServerContext* context,
                                                      const admin::RemoveDomainRequest* request,
                                                      admin::RemoveDomainResponse*) {
  return serve(loop_, context, removal(administration_.removeDomain(request->name()), journal_, "domain.remove"));
}

ServerUnaryReactor* AccountAdminService::AddUser(CallbackServerContext* context, const admin::AddUserRequest* request,
                                                 admin::User* response) {
  return serve(loop_, context, change(administration_.addUser(asked(*request)), *response, journal_, "user.add"));
}

ServerUnaryReactor* AccountAdminService::GetUser(CallbackServerContext* context, const admin::GetUserRequest* request,
                                                 admin::User* response) {
  return serve(loop_, context, read(administration_.user(request->address()), *response));
}

grpc::ServerWriteReactor<admin::User>* AccountAdminService::ListUsers(CallbackServerContext*,
                                                                      const admin::ListUsersRequest* request) {
  return rpc::answerStream<admin::User>(loop_, [this, request](rpc::Download<admin::User>& download) {
    return orUnavailable(list(download, administration_, request->domain(), &Administration::users));
  });
}

ServerUnaryReactor* AccountAdminService::SetPassword(CallbackServerContext* context,
                                                     const admin::SetPasswordRequest* request, admin::User* response) {
  return serve(
      loop_, context,
      change(administration_.setPassword(request->address(), request->password()), *response, journal_, "user.passwd"));
}

ServerUnaryReactor* AccountAdminService::SetEnabled(CallbackServerContext* context,
                                                    const admin::SetEnabledRequest* request, admin::User* response) {
  return serve(loop_, context,
               change(administration_.setEnabled(request->address(), request->enabled()), *response, journal_,
                      request->enabled() ? "user.enable" : "user.disable"));
}

ServerUnaryReactor* AccountAdminService::RemoveUser(CallbackServerContext* context,
                                                    const admin::RemoveUserRequest* request,
                                                    admin::RemoveUserResponse*) {
  return serve(loop_, context, removal(administration_.removeUser(request->address()), journal_, "user.remove"));
}

grpc::ServerBidiReactor<admin::AddUserRequest, admin::ImportUsersResponse>* AccountAdminService::ImportUsers(
    CallbackServerContext*) {
  return rpc::answerExchange<admin::AddUserRequest, admin::ImportUsersResponse>(
      loop_, [this](ImportExchange& exchange) {
        return orUnavailable(importUsers(exchange, administration_, importHashes_, journal_));
      });
}

ServerUnaryReactor* AccountAdminService::AddAlias(CallbackServerContext* context, const admin::AddAliasRequest* request,
                                                  admin::Alias* response) {
  return serve(
      loop_, context,
      change(administration_.addAlias(request->address(), {request->members().begin(), request->members().end()}),
             *response, journal_, "alias.add"));
}

grpc::ServerWriteReactor<admin::Alias>* AccountAdminService::ListAliases(CallbackServerContext*,
                                                                         const admin::ListAliasesRequest* request) {
  return rpc::answerStream<admin::Alias>(loop_, [this, request](rpc::Download<admin::Alias>& download) {
    return orUnavailable(list(download, administration_, request->domain(), &Administration::aliases));
  });
}

ServerUnaryReactor* AccountAdminService::RemoveAlias(CallbackServerContext* context,
                                                     const admin::RemoveAliasRequest* request,
                                                     admin::RemoveAliasResponse*) {
  return serve(
      loop_, context,
      removal(administration_.removeAlias(request->address(), {request->members().begin(), request->members().end()}),
              journal_, "alias.remove"));
}

ServerUnaryReactor* AccountAdminService::GetQuota(CallbackServerContext* context, const admin::GetQuotaRequest* request,
                                                  admin::Quota* response) {
  return serve(loop_, context, read(administration_.user(request->address()), *response));
}

ServerUnaryReactor* AccountAdminService::SetQuota(CallbackServerContext* context, const admin::SetQuotaRequest* request,
                                                  admin::Quota* response) {
  return serve(
      loop_, context,
      change(administration_.setQuota(request->address(), request->limit_bytes()), *response, journal_, "quota.set"));
}

}  // namespace posthouse::accountd
