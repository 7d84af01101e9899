#include "site/site_service.h"

#include <utility>

#include "administration/actor.h"
#include "rpc/answer.h"
#include "site/apply.h"
#include "site/read_site.h"
#include "site/site_messages.h"
#include "statuses.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::Status;

Task<Status> exportSite(rpc::Download<admin::SiteEntry>& download, Administration administration) {
  const Answer<Site> site = co_await readSite(administration);
  if (!site) co_return status(site.error());
  for (const admin::SiteEntry& entry : entriesOf(*site)) {
    const bool taken = co_await download.write(entry);
    if (!taken) co_return Status::CANCELLED;
  }
  co_return Status::OK;
}

}  // namespace

grpc::ServerWriteReactor<admin::SiteEntry>* SiteService::Export(CallbackServerContext* context,
                                                                const admin::ExportRequest*) {
  return rpc::answerStream<admin::SiteEntry>(
      loop_, [actor = administration_.as(actorOf(*context))](rpc::Download<admin::SiteEntry>& download) {
        return orUnavailable(exportSite(download, actor));
      });
}

grpc::ServerBidiReactor<admin::ApplyRequest, admin::SiteChange>* SiteService::Apply(CallbackServerContext* context) {
  return rpc::answerExchange<admin::ApplyRequest, admin::SiteChange>(
      loop_, [this, actor = administration_.as(actorOf(*context))](ApplyExchange& exchange) {
        return orUnavailable(apply(exchange, actor, journal_));
      });
}

}  // namespace posthouse::accountd
