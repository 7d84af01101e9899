#pragma once
#include <grpcpp/support/status.h>

#include "administration/administration.h"
#include "async/task.h"

namespace posthouse::accountd {

/// A refusal as gRPC says it: INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION or
/// PERMISSION_DENIED.
grpc::Status status(const Refusal& refusal);

/// What the handler says, or UNAVAILABLE if the database, the threads or an issuer of tokens could not serve it now:
/// the same call will do later. FAILED_PRECONDITION where a mechanism cannot be led before somebody has seen to it.
Task<grpc::Status> orUnavailable(Task<grpc::Status> handler);

}  // namespace posthouse::accountd
