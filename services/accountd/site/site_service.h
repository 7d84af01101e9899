#pragma once
#include "administration/administration.h"
#include "administration/journal.h"
#include "mail/admin/v1/site.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// mail.admin.v1.SiteAdmin. Called as AccountAdminService is.
class SiteService final : public mail::admin::v1::SiteAdmin::CallbackService {
 public:
  SiteService(net::Loop& loop, Administration& administration, Journal& journal)
      : loop_(loop), administration_(administration), journal_(journal) {}

  grpc::ServerWriteReactor<mail::admin::v1::SiteEntry>* Export(grpc::CallbackServerContext* context,
                                                               const mail::admin::v1::ExportRequest* request) override;
  grpc::ServerBidiReactor<mail::admin::v1::ApplyRequest, mail::admin::v1::SiteChange>* Apply(
      grpc::CallbackServerContext* context) override;

 private:
  net::Loop& loop_;
  Administration& administration_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
