#pragma once
#include <grpcpp/channel.h>

#include <memory>
#include <optional>
#include <string>

namespace posthouse::mailctl {

/// What the standard health service (grpc.health.v1) of a program says: nothing if it serves, else why not.
std::optional<std::string> grpcObjection(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace posthouse::mailctl
