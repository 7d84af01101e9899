#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"

namespace posthouse::rpc {

/// Reads `key` of `section`: where a gRPC server is, "unix:/path" or "host:port". Notes what would keep a program from
/// starting with it: TCP without [grpc], or no address at all.
std::string address(config::Configuration& configuration, config::Section& section, std::string_view key,
                    std::string_view otherwise = "");

/// The same of another program's section: its grpc_address, which is required.
std::string addressOf(config::Configuration& configuration, std::string_view program);

/// The same of a list of addresses.
std::vector<std::string> addresses(config::Configuration& configuration, config::Section& section,
                                   std::string_view key);

}  // namespace posthouse::rpc
