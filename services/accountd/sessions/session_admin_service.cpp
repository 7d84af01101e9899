#include "sessions/session_admin_service.h"

#include <chrono>
#include <utility>

#include "administration/actor.h"
#include "administration/admin_answers.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;

admin::Session asTold(const store::ListedSession& session) {
  admin::Session told;
  told.set_session_id(session.id);
  told.set_address(session.address);
  told.set_protocol(session.protocol);
  told.set_remote_address(session.remoteAddress);
  told.set_mechanism(session.mechanism);
  told.set_tls(session.tls);
  told.set_since(std::chrono::duration_cast<std::chrono::seconds>(session.since.time_since_epoch()).count());
  told.set_program(session.program);
  told.set_instance(session.instance);
  return told;
}

/// Page by page; a page is one snapshot.
Task<grpc::Status> list(rpc::Download<admin::Session>& download, SessionOffice office,
                        admin::ListSessionsRequest request) {
  std::string after;
  while (true) {
    const auto page = request.address().empty() ? co_await office.ofDomain(request.domain(), after)
                                                : co_await office.ofUser(request.address(), after);
    if (!page) co_return status(page.error());
    for (const store::ListedSession& session : *page) {
      const admin::Session told = asTold(session);
      if (!co_await download.write(told)) co_return grpc::Status::CANCELLED;
      after = session.id;
    }
    if (page->size() < SessionOffice::kPage) co_return grpc::Status::OK;
  }
}

Task<grpc::Status> end(SessionOffice office, const admin::EndSessionsRequest& request,
                       admin::EndSessionsResponse& response, Journal& journal, EndingWatch& endings) {
  const Answer<Ended> ended = co_await office.end(request.address(), request.session_id());
  if (!ended) co_return status(ended.error());
  journal.changed("user.logout", ended->address);
  response.set_listed(ended->listed);
  co_await endings.caughtUp();
  co_return grpc::Status::OK;
}

}  // namespace

grpc::ServerWriteReactor<admin::Session>* SessionAdminService::ListSessions(grpc::CallbackServerContext* context,
                                                                            const admin::ListSessionsRequest* request) {
  return rpc::answerStream<admin::Session>(
      loop_, [office = office_.as(actorOf(*context)), request](rpc::Download<admin::Session>& download) {
        return orUnavailable(list(download, office, *request));
      });
}

grpc::ServerUnaryReactor* SessionAdminService::EndSessions(grpc::CallbackServerContext* context,
                                                           const admin::EndSessionsRequest* request,
                                                           admin::EndSessionsResponse* response) {
  return serve(loop_, context, end(office_.as(actorOf(*context)), *request, *response, journal_, endings_));
}

}  // namespace posthouse::accountd
