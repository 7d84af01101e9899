// mail.admin.v1.MailImportPermission, as account_admin_service.cpp.
#include "administration/mail_import_permission.h"

#include "administration/actor.h"
#include "administration/admin_answers.h"

namespace posthouse::accountd {

namespace admin = mail::admin::v1;

namespace {

void tell(const store::Account& account, admin::PermitMailImportResponse& response) {
  response.set_account_id(static_cast<std::int64_t>(account.id));
  response.set_address(account.address);
}

Task<grpc::Status> permit(MailImportOffice office, const admin::PermitMailImportRequest& request,
                          admin::PermitMailImportResponse& response, Journal& journal) {
  const Answer<store::Account> account = request.dry_run()
                                             ? co_await office.mayPermit(request.address())
                                             : co_await office.permit(request.address(), request.source());
  if (!account) co_return status(account.error());
  if (!request.dry_run()) journal.changed("mail.import", account->address);
  tell(*account, response);
  co_return grpc::Status::OK;
}

}  // namespace

grpc::ServerUnaryReactor* MailImportPermission::Permit(grpc::CallbackServerContext* context,
                                                       const admin::PermitMailImportRequest* request,
                                                       admin::PermitMailImportResponse* response) {
  return serve(loop_, context, permit(office_.as(actorOf(*context)), *request, *response, journal_));
}

}  // namespace posthouse::accountd
