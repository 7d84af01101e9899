#pragma once
#include <chrono>

namespace posthouse::net::tcp {

/// What the system knows of the TCP connection that `socket` is: tcp(7), TCP_INFO. False, all of them, where that is
/// another socket.

/// It has sent its FIN, or is gone.
bool hasPeerClosed(int socket) noexcept;

/// All that was sent has been acknowledged, and no error is known. Our FIN, if we sent one, may be under way.
bool isAcknowledged(int socket, bool isShutDown) noexcept;

/// Octets, or questions whether there is room for them, are sent to the peer again and again, the last of them
/// unanswered, and for so long nothing has come from it. Who only reads slowly answers such questions; they come up to
/// two minutes apart.
bool isPeerSilent(int socket, std::chrono::milliseconds silence) noexcept;

}  // namespace posthouse::net::tcp
