#pragma once
#include <grpcpp/support/status.h>

#include <cstddef>

#include "administration.h"
#include "journal.h"
#include "mail/admin/v1/accounts.pb.h"
#include "rpc/answer.h"

namespace posthouse::accountd {

using ImportExchange = rpc::Exchange<mail::admin::v1::AddUserRequest, mail::admin::v1::ImportUsersResponse>;

/// Adds users as they stream in, `batch` at once, so that every hash thread has work while others wait for the
/// database; and no more, so that a login between waits a fraction of a second. What is refused is answered in its row
/// and stops nothing.
Task<grpc::Status> importUsers(ImportExchange& exchange, Administration& administration, std::size_t batch,
                               Journal& journal);

}  // namespace posthouse::accountd
