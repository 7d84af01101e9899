#pragma once
#include <optional>
#include <string>

#include "context.h"
#include "net/address.h"

namespace posthouse::mailctl {

/// Where a program's admin port is asked. One that listens on every address is asked where its gRPC address says it is,
/// or on loopback. Nothing if none is configured.
std::optional<net::Address> adminAddress(Context& context, const std::string& program);

/// The same for any address that somebody listens on.
net::Address reachable(net::Address listening, const std::string& grpcAddress);

}  // namespace posthouse::mailctl
