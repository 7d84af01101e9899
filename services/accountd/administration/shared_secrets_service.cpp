// mail.admin.v1.SharedSecrets, as account_admin_service.cpp.
#include "administration/shared_secrets_service.h"

#include "administration/actor.h"
#include "administration/admin_answers.h"

namespace posthouse::accountd {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

namespace {

std::optional<SharedSecretKind> kindOf(admin::SharedSecretKind kind) {
  switch (kind) {
    case admin::SHARED_SECRET_KIND_APOP:
      return SharedSecretKind::apop;
    case admin::SHARED_SECRET_KIND_CRAM_MD5:
      return SharedSecretKind::cramMd5;
    default:
      return std::nullopt;
  }
}

admin::SharedSecretKind asTold(SharedSecretKind kind) {
  return kind == SharedSecretKind::apop ? admin::SHARED_SECRET_KIND_APOP : admin::SHARED_SECRET_KIND_CRAM_MD5;
}

}  // namespace

void tell(const SharedSecretsOf& user, admin::AccountSharedSecrets& message) {
  message.set_address(user.address);
  for (const SharedSecretKind kind : user.kinds) message.add_kinds(asTold(kind));
}

void tell(const std::vector<SharedSecretsOf>& users, admin::ListSharedSecretsResponse& response) {
  for (const SharedSecretsOf& user : users) tell(user, *response.add_accounts());
}

ServerUnaryReactor* SharedSecretsService::SetSharedSecret(CallbackServerContext* context,
                                                          const admin::SetSharedSecretRequest* request,
                                                          admin::AccountSharedSecrets* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "shared-secret.set", &SharedSecretOffice::set,
                      request->address(), kindOf(request->kind()), request->secret()));
}

ServerUnaryReactor* SharedSecretsService::RemoveSharedSecret(CallbackServerContext* context,
                                                             const admin::RemoveSharedSecretRequest* request,
                                                             admin::AccountSharedSecrets* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "shared-secret.remove",
                      &SharedSecretOffice::remove, request->address(), kindOf(request->kind())));
}

ServerUnaryReactor* SharedSecretsService::GetSharedSecrets(CallbackServerContext* context,
                                                           const admin::GetSharedSecretsRequest* request,
                                                           admin::AccountSharedSecrets* response) {
  return serve(loop_, context,
               read(office_.as(actorOf(*context)), *response, &SharedSecretOffice::secretsOf, request->address()));
}

ServerUnaryReactor* SharedSecretsService::ListSharedSecrets(CallbackServerContext* context,
                                                            const admin::ListSharedSecretsRequest* request,
                                                            admin::ListSharedSecretsResponse* response) {
  return serve(
      loop_, context,
      read(office_.as(actorOf(*context)), *response, &SharedSecretOffice::list, request->domain(), request->after()));
}

}  // namespace posthouse::accountd
