#pragma once
#include <grpcpp/server_context.h>

#include "administration/principal.h"

namespace posthouse::accountd {

/// For whom a call of mail.admin.v1.AccountAdmin is made, and by whom, as its metadata and its certificate say.
Actor actorOf(const grpc::CallbackServerContext& context);

}  // namespace posthouse::accountd
