#pragma once
#include "administration/journal.h"
#include "administration/shared_secret_office.h"
#include "mail/admin/v1/shared_secrets.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// mail.admin.v1.SharedSecrets: translates between gRPC and SharedSecretOffice. Who may call: as AccountAdminService.
class SharedSecretsService final : public mail::admin::v1::SharedSecrets::CallbackService {
 public:
  SharedSecretsService(net::Loop& loop, SharedSecretOffice& office, Journal& journal)
      : loop_(loop), office_(office), journal_(journal) {}

 private:
  template <class Request, class Response>
  using Unary = grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const Request*, Response*);

  Unary<mail::admin::v1::SetSharedSecretRequest, mail::admin::v1::AccountSharedSecrets> SetSharedSecret override;
  Unary<mail::admin::v1::RemoveSharedSecretRequest, mail::admin::v1::AccountSharedSecrets> RemoveSharedSecret override;
  Unary<mail::admin::v1::GetSharedSecretsRequest, mail::admin::v1::AccountSharedSecrets> GetSharedSecrets override;
  Unary<mail::admin::v1::ListSharedSecretsRequest, mail::admin::v1::ListSharedSecretsResponse> ListSharedSecrets
      override;

  net::Loop& loop_;
  SharedSecretOffice& office_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
