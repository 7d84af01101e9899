#include "net/tcp_listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/tcp_stream.h"

namespace posthouse::net {

/// What libuv knows of a listener: freed when it has let go of both handles. Accepts by itself: libuv would close,
/// without a word, all that come while there are no descriptors, or turn without end.
struct TcpListener::Handle {
  uv_poll_t poll;
  uv_timer_t retry;
  Loop& loop;
  Address address;
  OnConnection onConnection;
  OnStarved onStarved;
  Traffic* traffic = nullptr;
  std::chrono::milliseconds silence;
  int descriptor = -1;
  int open = 0;  // of the handles
  bool isStarved = false;
  bool isGone = false;  // the listener: nobody is told any more

  ~Handle() {
    if (descriptor >= 0) ::close(descriptor);
  }
  void watch();
  void acceptAll();
  void take(int connection, const sockaddr_storage& from);
  void starve(int error);
  void close();
};

namespace {

constexpr int kBacklog = 1024;
constexpr int kBatch = 64;                  // connections at a turn of the loop: those that exist want theirs, too
constexpr std::uint64_t kRetryAfter = 250;  // ms
constexpr int kAliveTries = 3;              // who says nothing is asked so often whether he is there

[[noreturn]] void cannotListen(const Address& address, int error) {
  std::string why = uv_strerror(-error);
  if (error == EADDRINUSE)
    why += " (by another program, or by a process of another user: a port is shared within one user's)";
  throw std::runtime_error("cannot listen on " + address.text() + ": " + why);
}

socklen_t numeric(const Address& address, sockaddr_storage& storage) {
  if (uv_ip4_addr(address.host.c_str(), address.port, reinterpret_cast<sockaddr_in*>(&storage)) == 0)
    return sizeof(sockaddr_in);
  if (uv_ip6_addr(address.host.c_str(), address.port, reinterpret_cast<sockaddr_in6*>(&storage)) == 0)
    return sizeof(sockaddr_in6);
  throw std::runtime_error("cannot listen on " + address.text() + ": not an IP address");
}

socklen_t unixSocket(const Address& address, sockaddr_storage& storage) {
  auto* un = reinterpret_cast<sockaddr_un*>(&storage);
  un->sun_family = AF_UNIX;
  std::strncpy(un->sun_path, address.path.c_str(), sizeof un->sun_path - 1);
  SocketFile::clear(address.path);
  return sizeof(sockaddr_un);
}

void set(int descriptor, int level, int option, int value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

/// Of idle connections. Those to which octets are under way the stream looks after.
void keepAlive(int descriptor, std::chrono::milliseconds silence) {
  const auto seconds = [](std::chrono::milliseconds time) {
    return std::max(1, static_cast<int>(std::chrono::floor<std::chrono::seconds>(time).count()));
  };
  set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, seconds(silence * 2 / 3));
  set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, seconds(silence / 3 / kAliveTries));
  set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, kAliveTries);
}

void bindAndListen(int descriptor, const Address& address, const sockaddr_storage& storage, socklen_t length,
                   std::chrono::milliseconds silence) {
  if (!address.isUnix()) {
    set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (address.port != 0) set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    if (storage.ss_family == AF_INET6) set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    // Connections inherit these.
    set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    keepAlive(descriptor, silence);
  }
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&storage), length) != 0) cannotListen(address, errno);
  if (listen(descriptor, kBacklog) != 0) cannotListen(address, errno);
}

Address localOf(int descriptor, const Address& asked) {
  if (asked.isUnix()) return asked;
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length);
  return Address::of(reinterpret_cast<sockaddr*>(&storage));
}

}  // namespace

void TcpListener::Handle::watch() {
  uv_poll_start(&poll, UV_READABLE,
                [](uv_poll_t* readable, int, int) { static_cast<Handle*>(readable->data)->acceptAll(); });
}

void TcpListener::Handle::acceptAll() {
  for (int i = 0; i < kBatch && !isGone; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const int connection =
        accept4(descriptor, reinterpret_cast<sockaddr*>(&from), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int error = connection < 0 ? errno : 0;
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) return starve(error);
    isStarved = false;
    if (error == EAGAIN) return;
    // Any other error is that of a connection which has ended already.
    if (connection >= 0) take(connection, from);
  }
}

void TcpListener::Handle::take(int connection, const sockaddr_storage& from) {
  auto* client = new TcpStream::Handle;
  Address peer = address.isUnix() ? address : Address::of(reinterpret_cast<const sockaddr*>(&from));
  Address local = localOf(connection, address);
  if (address.isUnix()) {
    uv_pipe_init(loop.uv(), &client->pipe, 0);
    uv_pipe_open(&client->pipe, connection);
  } else {
    uv_tcp_init(loop.uv(), &client->tcp);
    uv_tcp_open(&client->tcp, connection);
  }
  onConnection(std::make_unique<TcpStream>(loop, client, std::move(local), std::move(peer), traffic, silence));
}

void TcpListener::Handle::starve(int error) {
  isStarved = true;
  uv_poll_stop(&poll);
  uv_timer_start(
      &retry,
      [](uv_timer_t* timer) {
        auto* self = static_cast<Handle*>(timer->data);
        self->watch();
        self->acceptAll();
      },
      kRetryAfter, 0);
  if (onStarved) onStarved(uv_strerror(-error));
}

void TcpListener::Handle::close() {
  isGone = true;
  const auto closed = [](uv_handle_t* handle) {
    auto* self = static_cast<Handle*>(handle->data);
    if (--self->open == 0) delete self;
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&poll), closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&retry), closed);
  ::close(std::exchange(descriptor, -1));  // whoever comes now is refused
}

TcpListener::TcpListener(Loop& loop, const Address& address, OnConnection onConnection, OnStarved onStarved,
                         Traffic* traffic, std::chrono::milliseconds silence)
    : address_(address), handle_(nullptr) {
  auto handle = std::unique_ptr<Handle>(
      new Handle{{}, {}, loop, address, std::move(onConnection), std::move(onStarved), traffic, silence});
  sockaddr_storage storage{};
  const socklen_t length = address.isUnix() ? unixSocket(address, storage) : numeric(address, storage);
  handle->descriptor = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle->descriptor < 0) cannotListen(address, errno);
  bindAndListen(handle->descriptor, address, storage, length, silence);
  if (address.isUnix()) socketFile_ = SocketFile(address.path);
  address_ = handle->address = localOf(handle->descriptor, address);
  if (const int error = uv_poll_init(loop.uv(), &handle->poll, handle->descriptor); error != 0)
    cannotListen(address, -error);
  uv_timer_init(loop.uv(), &handle->retry);
  handle->open = 2;
  handle->poll.data = handle->retry.data = handle.get();
  handle_ = handle.release();
  handle_->watch();
}

TcpListener::~TcpListener() {
  socketFile_.remove();
  handle_->close();
}

bool TcpListener::isStarved() const noexcept {
  return handle_->isStarved;
}

}  // namespace posthouse::net
