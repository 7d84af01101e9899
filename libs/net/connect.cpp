#include "net/connect.h"

#include <netdb.h>

#include <cstring>

#include <vector>

#include "net/tcp_stream.h"
#include "net/wait.h"

namespace posthouse::net {

namespace {

using HandleOwner = std::unique_ptr<TcpStream::Handle, void (*)(TcpStream::Handle*)>;

void closeHandle(TcpStream::Handle* handle) {
  uv_close(&handle->handle, [](uv_handle_t* closed) { delete reinterpret_cast<TcpStream::Handle*>(closed); });
}

/// A request that libuv answers once, maybe after the coroutine has lost its patience: freed by the later of the two.
template <class Request>
struct Pending {
  Request request;
  Wait* wait = nullptr;  // null when nobody waits any more
  int status = 0;
  addrinfo* found = nullptr;

  void answered(int result) {
    status = result;
    if (wait == nullptr) {
      drop();
    } else {
      std::exchange(wait, nullptr)->finish();
      // The coroutine has run on and may have freed this.
    }
  }
  void drop() {
    if (found != nullptr) uv_freeaddrinfo(found);
    delete this;
  }
};

template <class Request>
struct PendingOwner {
  Pending<Request>* pending;
  bool queued = false;
  ~PendingOwner() {
    if (queued && pending->wait != nullptr) {
      pending->wait = nullptr;
    } else {
      pending->drop();
    }
  }
};

Task<std::vector<sockaddr_storage>> lookUp(Loop& loop, const Address& address, const Patience& patience) {
  PendingOwner<uv_getaddrinfo_t> owner{new Pending<uv_getaddrinfo_t>};
  auto* pending = owner.pending;
  pending->request.data = pending;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  const int asked = uv_getaddrinfo(
      loop.uv(), &pending->request,
      [](uv_getaddrinfo_t* request, int status, addrinfo* found) {
        auto* answered = static_cast<Pending<uv_getaddrinfo_t>*>(request->data);
        answered->found = found;
        answered->answered(status);
      },
      address.host.c_str(), std::to_string(address.port).c_str(), &hints);
  if (asked != 0) throw ConnectFailed(address.text() + ": " + uv_strerror(asked));
  owner.queued = true;
  Wait wait(loop, patience);
  pending->wait = &wait;
  co_await wait;
  if (pending->status != 0) throw ConnectFailed(address.text() + ": " + uv_strerror(pending->status));
  std::vector<sockaddr_storage> addresses;
  for (const addrinfo* each = pending->found; each != nullptr; each = each->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, each->ai_addr, each->ai_addrlen);
    addresses.push_back(storage);
  }
  co_return addresses;
}

Task<std::unique_ptr<ByteStream>> connectOnce(Loop& loop, const Address& address, const sockaddr* target,
                                              const Patience& patience) {
  HandleOwner handle(new TcpStream::Handle, closeHandle);
  PendingOwner<uv_connect_t> owner{new Pending<uv_connect_t>};
  auto* pending = owner.pending;
  pending->request.data = pending;
  const uv_connect_cb onConnect = [](uv_connect_t* request, int status) {
    static_cast<Pending<uv_connect_t>*>(request->data)->answered(status);
  };
  if (target == nullptr) {
    uv_pipe_init(loop.uv(), &handle->pipe, 0);
    uv_pipe_connect(&pending->request, &handle->pipe, address.path.c_str(), onConnect);
  } else {
    uv_tcp_init(loop.uv(), &handle->tcp);
    const int begun = uv_tcp_connect(&pending->request, &handle->tcp, target, onConnect);
    if (begun != 0) throw ConnectFailed(address.text() + ": " + uv_strerror(begun));
    uv_tcp_nodelay(&handle->tcp, 1);
  }
  owner.queued = true;
  Wait wait(loop, patience);
  pending->wait = &wait;
  co_await wait;
  if (pending->status != 0) throw ConnectFailed(address.text() + ": " + uv_strerror(pending->status));
  Address local = address;
  if (target != nullptr) {
    sockaddr_storage storage{};
    int length = sizeof storage;
    uv_tcp_getsockname(&handle->tcp, reinterpret_cast<sockaddr*>(&storage), &length);
    local = Address::of(reinterpret_cast<sockaddr*>(&storage));
  }
  Address peer = target == nullptr ? address : Address::of(target);
  co_return std::make_unique<TcpStream>(loop, handle.release(), std::move(local), std::move(peer));
}

}  // namespace

Task<std::unique_ptr<ByteStream>> connectFirst(Loop& loop, Address address, std::vector<sockaddr_storage> targets,
                                               Patience patience) {
  const Deadline deadline(patience);
  std::string failure = address.text() + ": no address";
  for (std::size_t left = targets.size(); left > 0; --left) {
    Patience share = deadline.left();
    if (share.timeout != Patience::kForever) share.timeout /= static_cast<std::int64_t>(left);
    const auto* target = reinterpret_cast<const sockaddr*>(&targets[targets.size() - left]);
    try {
      co_return co_await connectOnce(loop, address, target, share);
    } catch (const ConnectFailed& failed) {
      failure = failed.what();
    } catch (const Interrupted& interrupted) {
      if (interrupted.why != Interrupt::timeout || left == 1) throw;
    }
  }
  throw ConnectFailed(failure);
}

Task<std::unique_ptr<ByteStream>> connect(Loop& loop, Address address, Patience patience) {
  if (address.isUnix()) co_return co_await connectOnce(loop, address, nullptr, patience);
  const Deadline deadline(patience);
  const std::vector<sockaddr_storage> targets = co_await lookUp(loop, address, patience);
  co_return co_await connectFirst(loop, std::move(address), targets, deadline.left());
}

}  // namespace posthouse::net
