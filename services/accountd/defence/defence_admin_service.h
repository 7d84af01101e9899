#pragma once
#include "administration/journal.h"
#include "defence/defence_office.h"
#include "mail/admin/v1/defence.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// mail.admin.v1.Defence: translates between gRPC and DefenceOffice; who may call as in AccountAdminService.
class DefenceAdminService final : public mail::admin::v1::Defence::CallbackService {
 public:
  DefenceAdminService(net::Loop& loop, DefenceOffice& office, Journal& journal)
      : loop_(loop), office_(office), journal_(journal) {}

 private:
  template <class Request, class Response>
  using Unary = grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const Request*, Response*);

  Unary<mail::admin::v1::AddBanRequest, mail::admin::v1::Ban> AddBan override;
  Unary<mail::admin::v1::RemoveBanRequest, mail::admin::v1::Ban> RemoveBan override;
  Unary<mail::admin::v1::ListBansRequest, mail::admin::v1::ListBansResponse> ListBans override;
  Unary<mail::admin::v1::TestLoginRequest, mail::admin::v1::TestLoginResponse> TestLogin override;

  net::Loop& loop_;
  DefenceOffice& office_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
