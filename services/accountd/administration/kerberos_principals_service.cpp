// mail.admin.v1.KerberosPrincipals. A call's coroutine is made on gRPC's thread, where nothing of it runs yet, and is
// run on the loop.
#include "administration/kerberos_principals_service.h"

#include "administration/actor.h"
#include "administration/admin_answers.h"

namespace posthouse::accountd {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

static void tell(const PrincipalsOf& user, admin::Principals& message) {
  message.set_address(user.address);
  message.mutable_principals()->Assign(user.principals.begin(), user.principals.end());
}

ServerUnaryReactor* KerberosPrincipalsService::AddPrincipals(CallbackServerContext* context,
                                                             const admin::AddPrincipalsRequest* request,
                                                             admin::Principals* response) {
  return serve(
      loop_, context,
      change(office_.as(actorOf(*context)), *response, journal_, "user.principal.add", &KerberosPrincipalOffice::add,
             request->address(), {request->principals().begin(), request->principals().end()}));
}

ServerUnaryReactor* KerberosPrincipalsService::GetPrincipals(CallbackServerContext* context,
                                                             const admin::GetPrincipalsRequest* request,
                                                             admin::Principals* response) {
  return serve(loop_, context,
               read(office_.as(actorOf(*context)), *response, &KerberosPrincipalOffice::get, request->address()));
}

ServerUnaryReactor* KerberosPrincipalsService::RemovePrincipals(CallbackServerContext* context,
                                                                const admin::RemovePrincipalsRequest* request,
                                                                admin::Principals* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "user.principal.remove",
                      &KerberosPrincipalOffice::remove, request->address(),
                      {request->principals().begin(), request->principals().end()}));
}

}  // namespace posthouse::accountd
