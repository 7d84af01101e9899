#pragma once
#include <grpcpp/support/status.h>

#include "administration/administration.h"
#include "administration/journal.h"
#include "mail/admin/v1/site.grpc.pb.h"
#include "rpc/answer.h"

namespace posthouse::accountd {

using ApplyExchange = rpc::Exchange<mail::admin::v1::ApplyRequest, mail::admin::v1::SiteChange>;

/// SiteAdmin.Apply for the actor of `administration`.
Task<grpc::Status> apply(ApplyExchange& exchange, Administration administration, Journal& journal);

}  // namespace posthouse::accountd
