#pragma once
#include <grpcpp/channel.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "rpc/security.h"

namespace posthouse::rpc {

/// A connection to "unix:/path" or "host:port", made when first used and made again within a second after it was lost:
/// a peer that is restarted is found at once, one that vanished without a word within half a minute. Calls fail with
/// UNAVAILABLE while nobody is there.
std::shared_ptr<grpc::Channel> channel(const std::string& address, const Security& security);

/// The same for a program that tells about itself. `service` is what it calls there ("mail.v1.Accounts"): the
/// series of its methods are there from the start. `serverName`: what the server's certificate must name, where that is
/// not the address's host. Metrics: grpc_client_handled_total, grpc_client_handling_seconds.
std::shared_ptr<grpc::Channel> channel(const std::string& address, const Security& security,
                                       prometheus::Registry& registry, const std::string& service,
                                       const std::string& serverName = "");

}  // namespace posthouse::rpc
