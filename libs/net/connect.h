#pragma once
#include <sys/socket.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/task.h"
#include "net/address.h"
#include "net/byte_stream.h"
#include "net/loop.h"

namespace posthouse::net {

/// Nobody answered at the address, or its name has none.
class ConnectFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Connects to a TCP port or a unix socket. A host name is looked up by the system's resolver (on a thread) and its
/// addresses are tried in order; mail exchangers are looked up by dns::Resolver instead. Throws ConnectFailed or
/// Interrupted.
Task<std::unique_ptr<ByteStream>> connect(Loop& loop, Address address, Patience patience);

/// The same at addresses that are known already, of which `address` is the name in errors. Each has an equal share of
/// the time that is left: one that swallows what is sent to it does not keep the next from being tried.
Task<std::unique_ptr<ByteStream>> connectFirst(Loop& loop, Address address, std::vector<sockaddr_storage> targets,
                                               Patience patience);

}  // namespace posthouse::net
