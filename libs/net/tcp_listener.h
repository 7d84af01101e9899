#pragma once
#include <functional>
#include <memory>

#include "net/address.h"
#include "net/byte_stream.h"
#include "net/loop.h"

namespace posthouse::net {

/// Accepts connections on a TCP port or a unix socket. Port 0 takes a free one; several processes may share a port
/// (SO_REUSEPORT).
class TcpListener {
 public:
  using OnConnection = std::function<void(std::unique_ptr<ByteStream>)>;

  /// Listens at once; throws std::runtime_error that names the address and the reason.
  TcpListener(Loop& loop, const Address& address, OnConnection onConnection);
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  /// Stops listening; connections that were accepted stay.
  ~TcpListener();

  /// Where it really listens.
  const Address& address() const noexcept { return address_; }

 private:
  struct Handle;
  Address address_;
  Handle* handle_;
};

}  // namespace posthouse::net
