#pragma once
#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "rpc/security.h"

namespace posthouse::rpc {

/// A connection to "unix:/path" or "host:port", made when first used and made again within a second after it was lost:
/// a peer that is restarted is found at once. Calls fail with UNAVAILABLE while nobody is there.
std::shared_ptr<grpc::Channel> channel(const std::string& address, const Security& security);

}  // namespace posthouse::rpc
