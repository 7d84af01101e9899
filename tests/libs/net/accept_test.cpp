#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <vector>

#include "net/tcp_listener.h"

using namespace posthouse;
using namespace posthouse::net;

namespace {

/// No descriptor can be opened while this lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &few);
    for (int each; (each = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) held_.push_back(each);
  }
  ~NoDescriptors() {
    for (const int each : held_) close(each);
    setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> held_;
};

/// A client's end, made while there still are descriptors.
class Visitor {
 public:
  ~Visitor() { close(descriptor_); }
  bool connectTo(const Address& server) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port);
    inet_pton(AF_INET, server.host.c_str(), &address.sin_addr);
    return connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

 private:
  int descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

/// Counts the turns of a loop.
struct Turns {
  explicit Turns(Loop& loop) {
    uv_check_init(loop.uv(), &check);
    check.data = this;
    uv_check_start(&check, [](uv_check_t* turn) { ++static_cast<Turns*>(turn->data)->count; });
  }
  ~Turns() {
    uv_close(reinterpret_cast<uv_handle_t*>(&check), nullptr);
    uv_run(check.loop, UV_RUN_NOWAIT);
  }
  uv_check_t check;
  int count = 0;
};

}  // namespace

TEST_CASE("when descriptors run out, who comes waits until there are some again", "[net]") {
  Loop loop;
  Turns turns(loop);
  std::vector<std::unique_ptr<ByteStream>> taken;
  int starved = 0;
  std::string reason;
  TcpListener listener(
      loop, Address{"127.0.0.1", 0, ""},
      [&](std::unique_ptr<ByteStream> client) { taken.push_back(std::move(client)); },
      [&](const std::string& why) {
        ++starved;
        reason = why;
      });
  const std::vector<Visitor> visitors(5);
  {
    const NoDescriptors none;
    for (const Visitor& visitor : visitors) CHECK(visitor.connectTo(listener.address()));
    while (starved < 3) uv_run(loop.uv(), UV_RUN_ONCE);
    CHECK(turns.count < 30);  // it does not turn without end meanwhile
    CHECK(taken.empty());
    CHECK(listener.isStarved());
    CHECK(reason == "too many open files");
  }
  while (taken.size() < visitors.size()) uv_run(loop.uv(), UV_RUN_ONCE);
  CHECK_FALSE(listener.isStarved());
}

TEST_CASE("a listener may end within what it calls", "[net]") {
  Loop loop;
  std::unique_ptr<TcpListener> listener;
  std::unique_ptr<ByteStream> taken;
  listener = std::make_unique<TcpListener>(loop, Address{"127.0.0.1", 0, ""}, [&](std::unique_ptr<ByteStream> client) {
    taken = std::move(client);
    listener.reset();
  });
  const std::vector<Visitor> visitors(3);
  for (const Visitor& visitor : visitors) CHECK(visitor.connectTo(listener->address()));
  while (listener) uv_run(loop.uv(), UV_RUN_ONCE);
  CHECK(taken);
}
