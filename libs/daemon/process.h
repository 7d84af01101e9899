#pragma once
#include <stop_token>

#include "async/task.h"
#include "net/loop.h"

namespace posthouse::daemon {

/// Takes as many descriptors as the system lets the process have: a client is one. Makes the heap keep buffers of
/// usual mails for the next, and hand back larger ones at once.
void prepareProcess();

/// Hands back to the system, twice a minute, what the heap no longer needs: after many clients have gone, it would keep
/// the most that they ever needed. Until the token is pulled.
Task<> giveMemoryBack(net::Loop& loop, std::stop_token stop);

}  // namespace posthouse::daemon
