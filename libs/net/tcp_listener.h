#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/address.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "net/peer_watch.h"
#include "net/socket_file.h"
#include "net/traffic.h"

namespace posthouse::net {

/// Accepts connections on a TCP port or a unix socket. Port 0 takes a free one; several processes may share a port
/// (SO_REUSEPORT). Where descriptors or memory run out, whoever comes waits in the system's queue, and is taken as soon
/// as there are some again.
class TcpListener {
 public:
  using OnConnection = std::function<void(std::unique_ptr<ByteStream>)>;
  /// Nobody can be taken now; says why. Called at each try, four times a second.
  using OnStarved = std::function<void(const std::string& reason)>;

  /// Listens at once; throws std::runtime_error that names the address and the reason.
  /// `traffic` is told of the octets of all connections, and must outlive them.
  TcpListener(Loop& loop, const Address& address, OnConnection onConnection, OnStarved onStarved = {},
              Traffic* traffic = nullptr, std::chrono::milliseconds silence = kSilence);
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  /// Stops listening; connections that were accepted stay.
  ~TcpListener();

  /// Where it really listens.
  const Address& address() const noexcept { return address_; }
  /// Whether the last try to take a connection failed for want of descriptors or memory.
  bool isStarved() const noexcept;

 private:
  struct Handle;
  Address address_;
  SocketFile socketFile_;
  Handle* handle_;
};

}  // namespace posthouse::net
