#include "net/tcp_listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "net/tcp_stream.h"

namespace posthouse::net {

struct TcpListener::Handle {
  TcpStream::Handle listening;
  Loop& loop;
  Address address;
  OnConnection onConnection;  // empty when the listener has gone

  static void onAccept(uv_stream_t* server, int status);
};

namespace {

constexpr int kBacklog = 1024;

void check(int status, const Address& address, const char* what) {
  if (status < 0)
    throw std::runtime_error("cannot " + std::string(what) + " " + address.text() + ": " + uv_strerror(status));
}

sockaddr_storage numeric(const Address& address) {
  sockaddr_storage storage{};
  if (uv_ip4_addr(address.host.c_str(), address.port, reinterpret_cast<sockaddr_in*>(&storage)) != 0 &&
      uv_ip6_addr(address.host.c_str(), address.port, reinterpret_cast<sockaddr_in6*>(&storage)) != 0) {
    throw std::runtime_error("cannot listen on " + address.text() + ": not an IP address");
  }
  return storage;
}

Address boundTo(TcpStream::Handle* handle, const Address& asked) {
  if (asked.isUnix()) return asked;
  sockaddr_storage storage{};
  int length = sizeof storage;
  uv_tcp_getsockname(&handle->tcp, reinterpret_cast<sockaddr*>(&storage), &length);
  return Address::of(reinterpret_cast<sockaddr*>(&storage));
}

}  // namespace

void TcpListener::Handle::onAccept(uv_stream_t* server, int status) {
  auto* self = static_cast<Handle*>(server->data);
  if (status < 0 || !self->onConnection) return;
  auto* client = new TcpStream::Handle;
  Address peer = self->address;
  Address local = self->address;
  if (self->address.isUnix()) {
    uv_pipe_init(self->loop.uv(), &client->pipe, 0);
  } else {
    uv_tcp_init(self->loop.uv(), &client->tcp);
  }
  if (uv_accept(server, &client->stream) != 0) {
    uv_close(&client->handle, [](uv_handle_t* closed) { delete reinterpret_cast<TcpStream::Handle*>(closed); });
    return;
  }
  if (!self->address.isUnix()) {
    uv_tcp_nodelay(&client->tcp, 1);
    sockaddr_storage storage{};
    int length = sizeof storage;
    uv_tcp_getpeername(&client->tcp, reinterpret_cast<sockaddr*>(&storage), &length);
    peer = Address::of(reinterpret_cast<sockaddr*>(&storage));
    local = boundTo(client, self->address);
  }
  self->onConnection(std::make_unique<TcpStream>(self->loop, client, std::move(local), std::move(peer)));
}

TcpListener::TcpListener(Loop& loop, const Address& address, OnConnection onConnection)
    : address_(address), handle_(new Handle{{}, loop, address, std::move(onConnection)}) {
  auto& listening = handle_->listening;
  try {
    if (address.isUnix()) {
      uv_pipe_init(loop.uv(), &listening.pipe, 0);
      unlink(address.path.c_str());
      check(uv_pipe_bind(&listening.pipe, address.path.c_str()), address, "listen on");
    } else {
      const sockaddr_storage storage = numeric(address);
      uv_tcp_init_ex(loop.uv(), &listening.tcp, storage.ss_family);
      uv_os_fd_t descriptor = -1;
      uv_fileno(&listening.handle, &descriptor);
      const int on = 1;
      if (address.port != 0) setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
      check(uv_tcp_bind(&listening.tcp, reinterpret_cast<const sockaddr*>(&storage), 0), address, "listen on");
    }
    listening.handle.data = handle_;
    check(uv_listen(&listening.stream, kBacklog, Handle::onAccept), address, "listen on");
  } catch (...) {
    if (listening.handle.loop == nullptr) {
      delete handle_;
    } else {
      uv_close(&listening.handle, [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
    }
    throw;
  }
  address_ = boundTo(&listening, address);
  handle_->address = address_;
}

TcpListener::~TcpListener() {
  handle_->onConnection = nullptr;
  if (address_.isUnix()) unlink(address_.path.c_str());
  uv_close(&handle_->listening.handle, [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
}

}  // namespace posthouse::net
