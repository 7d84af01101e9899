#pragma once
#include "administration/journal.h"
#include "administration/mail_import_office.h"
#include "mail/admin/v1/mail_import.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// mail.admin.v1.MailImportPermission: translates between gRPC and MailImportOffice. Called by lmtp-delivery with the
/// metadata of its own caller.
class MailImportPermission final : public mail::admin::v1::MailImportPermission::CallbackService {
 public:
  MailImportPermission(net::Loop& loop, db::Database& database, Journal& journal)
      : loop_(loop), office_(database), journal_(journal) {}

 private:
  grpc::ServerUnaryReactor* Permit(grpc::CallbackServerContext* context,
                                   const mail::admin::v1::PermitMailImportRequest* request,
                                   mail::admin::v1::PermitMailImportResponse* response) override;

  net::Loop& loop_;
  MailImportOffice office_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
