#pragma once
#include <uv.h>

#include <chrono>
#include <memory>
#include <string>

#include "net/byte_stream.h"
#include "net/loop.h"
#include "net/peer_watch.h"
#include "net/traffic.h"

namespace posthouse::net {

/// A connected TCP or unix socket.
class TcpStream final : public ByteStream {
 public:
  /// A handle that libuv has accepted or connected, on the heap: owned from here on, freed when libuv has closed it.
  union Handle {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  };
  /// `traffic`, if there is one, must outlive the stream. Reading and writing fail when the peer's system answers
  /// nothing to what it is sent again and again, and nothing has come from it for `silence`, however patient they are.
  TcpStream(Loop& loop, Handle* handle, Address local, Address peer, Traffic* traffic = nullptr,
            std::chrono::milliseconds silence = Patience::kForever);
  ~TcpStream() override { close(); }

  Task<std::size_t> read(std::string& into, Patience patience) override;
  Task<> write(std::string_view octets, Patience patience) override;
  bool hasPendingInput() const noexcept override { return !pending_.empty(); }
  Task<> shutdown(Patience patience) override;
  bool hasPeerClosed() const noexcept override;
  bool isAcknowledged() const noexcept override;  // never of a unix socket
  void close() noexcept override;
  const Address& peer() const noexcept override { return peer_; }
  const Address& local() const noexcept override { return local_; }

 private:
  /// What is read ahead of a slow reader before the peer is made to wait. Every connection may hold as much.
  static constexpr std::size_t kReadAhead = 16 * 1024;

  static void allocate(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer);
  static void onRead(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);
  void received(ssize_t count, const char* octets);
  void startReading();
  void stopReading() noexcept;
  void lookAfterPeer();
  int descriptor() const noexcept;
  [[noreturn]] void fail(int error) const;

  void countSent(std::size_t octets) {
    if (traffic_ != nullptr) traffic_->sent(octets);
  }

  Loop& loop_;
  Handle* handle_;  // null when closed
  Traffic* traffic_;
  PeerWatch watch_;
  class Wait* reader_ = nullptr;
  class Wait* writer_ = nullptr;
  int readStatus_ = 0;  // an error or UV_EOF, told after pending_ is empty
  bool reading_ = false;
  bool isShutDown_ = false;  // by us
  std::string pending_;
  Address local_;
  Address peer_;
};

}  // namespace posthouse::net
