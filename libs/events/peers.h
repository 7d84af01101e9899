#pragma once
#include <string>
#include <vector>

#include "config/configuration.h"

namespace posthouse::events {

/// [events] peers: the gRPC addresses of those who are told of changes. Notes what is wrong with the section.
std::vector<std::string> peers(config::Configuration& configuration);

}  // namespace posthouse::events
