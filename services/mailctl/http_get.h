#pragma once
#include <string>

#include "http_answer.h"
#include "net/address.h"

namespace posthouse::mailctl {

/// Asks an admin port. Status 0: nobody answered, and the body says why. Blocks, 5 seconds at most.
HttpAnswer httpGet(const net::Address& address, const std::string& path);

}  // namespace posthouse::mailctl
