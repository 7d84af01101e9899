#pragma once
#include <string>

#include "net/address.h"

namespace posthouse::mailctl {

struct HttpAnswer {
  int status = 0;  // 0: nobody answered, and the body says why
  std::string body;
};

/// Asks an admin port. Blocks, 5 seconds at most.
HttpAnswer httpGet(const net::Address& address, const std::string& path);

}  // namespace posthouse::mailctl
