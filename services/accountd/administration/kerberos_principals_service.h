#pragma once
#include "administration/journal.h"
#include "administration/kerberos_principals.h"
#include "mail/admin/v1/kerberos.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// mail.admin.v1.KerberosPrincipals: translates between gRPC and the office.
class KerberosPrincipalsService final : public mail::admin::v1::KerberosPrincipals::CallbackService {
 public:
  KerberosPrincipalsService(net::Loop& loop, KerberosPrincipalOffice office, Journal& journal)
      : loop_(loop), office_(std::move(office)), journal_(journal) {}

  grpc::ServerUnaryReactor* AddPrincipals(grpc::CallbackServerContext* context,
                                          const mail::admin::v1::AddPrincipalsRequest* request,
                                          mail::admin::v1::Principals* response) override;
  grpc::ServerUnaryReactor* GetPrincipals(grpc::CallbackServerContext* context,
                                          const mail::admin::v1::GetPrincipalsRequest* request,
                                          mail::admin::v1::Principals* response) override;
  grpc::ServerUnaryReactor* RemovePrincipals(grpc::CallbackServerContext* context,
                                             const mail::admin::v1::RemovePrincipalsRequest* request,
                                             mail::admin::v1::Principals* response) override;

 private:
  net::Loop& loop_;
  const KerberosPrincipalOffice office_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
