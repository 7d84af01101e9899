#pragma once
#include <chrono>
#include <string>

namespace posthouse::accountd::ldap {

using Deadline = std::chrono::steady_clock::time_point;

/// What is left until then; not below 0.
std::chrono::microseconds left(Deadline deadline);

/// A socket that is connected to the server of an LDAP URL, whichever of its addresses answers first in turn. libldap
/// connects by itself, too, but then waits for TLS for ever (OpenLDAP 2.5). Not blocking. Throws std::runtime_error
/// with the reason.
int connectTo(const std::string& url, Deadline deadline);

/// From now on reads and writes block, for `timeout` at most.
void makeBlocking(int socket, std::chrono::milliseconds timeout);

}  // namespace posthouse::accountd::ldap
