#pragma once
#include <grpcpp/support/status.h>

#include <cstddef>

#include "administration/administration.h"
#include "administration/journal.h"
#include "mail/admin/v1/accounts.pb.h"
#include "rpc/answer.h"

namespace posthouse::accountd {

using ImportExchange = rpc::Exchange<mail::admin::v1::AddUserRequest, mail::admin::v1::ImportUsersResponse>;

/// Adds users as they stream in. Passwords are hashed `hashes` at once, so that no hash thread idles, and no more, so
/// that a login between waits a fraction of a second; beside that, whoever is ready is written, with all who became
/// ready meanwhile. What is refused is answered in its row and stops nothing.
Task<grpc::Status> importUsers(ImportExchange& exchange, Administration& administration, std::size_t hashes,
                               Journal& journal);

}  // namespace posthouse::accountd
