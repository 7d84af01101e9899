#pragma once
#include "administration/journal.h"
#include "mail/admin/v1/sessions.grpc.pb.h"
#include "net/loop.h"
#include "sessions/ending_watch.h"
#include "sessions/session_office.h"

namespace posthouse::accountd {

/// mail.admin.v1.Sessions: translates between gRPC and the office.
class SessionAdminService final : public mail::admin::v1::Sessions::CallbackService {
 public:
  SessionAdminService(net::Loop& loop, SessionOffice& office, EndingWatch& endings, Journal& journal)
      : loop_(loop), office_(office), endings_(endings), journal_(journal) {}

 private:
  grpc::ServerWriteReactor<mail::admin::v1::Session>* ListSessions(
      grpc::CallbackServerContext* context, const mail::admin::v1::ListSessionsRequest* request) override;
  grpc::ServerUnaryReactor* EndSessions(grpc::CallbackServerContext* context,
                                        const mail::admin::v1::EndSessionsRequest* request,
                                        mail::admin::v1::EndSessionsResponse* response) override;

  net::Loop& loop_;
  SessionOffice& office_;
  EndingWatch& endings_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
