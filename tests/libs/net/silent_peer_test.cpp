#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "net/tcp_listener.h"

using namespace posthouse;
using namespace posthouse::net;
using namespace std::chrono_literals;

namespace {

constexpr auto kShort = 300ms;                   // a silence
const std::string kMuch(32 * 1024 * 1024, 'x');  // more than the system takes for who reads nothing

/// A client that reads nothing.
struct Client {
  Client() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(listener.address().port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    while (!server) uv_run(loop.uv(), UV_RUN_ONCE);
  }
  ~Client() { close(socket); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Its system sees nothing any more of what comes, and answers nothing.
  void goesAway() const {
    sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &nothing};
    REQUIRE(setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0);
  }

  Loop loop;
  std::unique_ptr<ByteStream> server;
  TcpListener listener{loop,
                       Address{"127.0.0.1", 0, ""},
                       [this](std::unique_ptr<ByteStream> accepted) { server = std::move(accepted); },
                       {},
                       nullptr,
                       kShort};
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

}  // namespace

TEST_CASE("a peer whose network goes is found out while octets wait for it", "[net]") {
  Client client;
  client.goesAway();
  CHECK_THROWS_AS(client.loop.runUntilDone(client.server->write(kMuch, 60s)), ConnectionLost);
}

TEST_CASE("a peer whose network goes is found out while there is no room for more", "[net]") {
  Client client;
  const auto goAway = [&]() -> Task<> {
    co_await client.loop.sleep(kShort);
    client.goesAway();
  };
  TaskGroup group;
  group.spawn(goAway());
  CHECK_THROWS_AS(client.loop.runUntilDone(client.server->write(kMuch, 60s)), ConnectionLost);
  client.loop.runUntilDone(group.drained());
}

TEST_CASE("a peer whose network goes before the last octets come is found out while it is waited for", "[net]") {
  Client client;
  client.goesAway();
  client.loop.runUntilDone(client.server->write("x", 5s));
  std::string into;
  CHECK_THROWS_AS(client.loop.runUntilDone(client.server->read(into, 60s)), ConnectionLost);
}

TEST_CASE("a peer whose network goes is found out however often the wait for it is interrupted", "[net]") {
  Client client;
  client.goesAway();
  client.loop.runUntilDone(client.server->write("x", 5s));
  const auto begin = std::chrono::steady_clock::now();
  const auto isThere = [&] {
    std::string into;
    try {
      client.loop.runUntilDone(client.server->read(into, kShort / 4));
    } catch (const Interrupted&) {
      return true;
    } catch (const ConnectionLost&) {
    }
    return false;
  };
  while (isThere()) REQUIRE(std::chrono::steady_clock::now() < begin + 60s);
}

TEST_CASE("what comes in a later part of the wait is read", "[net]") {
  Client client;
  const auto speak = [&]() -> Task<> {
    co_await client.loop.sleep(3 * kShort);
    CHECK(::write(client.socket, "x", 1) == 1);
  };
  TaskGroup group;
  group.spawn(speak());
  std::string into;
  CHECK(client.loop.runUntilDone(client.server->read(into, 60s)) == 1);
  client.loop.runUntilDone(group.drained());
}

TEST_CASE("a peer that has all octets may be silent", "[net]") {
  Client client;
  client.loop.runUntilDone(client.server->write("x", 5s));
  std::string into;
  CHECK_THROWS_AS(client.loop.runUntilDone(client.server->read(into, 5 * kShort)), Interrupted);
}

TEST_CASE("a peer that reads nothing, but is there, is waited for", "[net]") {
  Client client;
  CHECK_THROWS_AS(client.loop.runUntilDone(client.server->write(kMuch, 5 * kShort)), Interrupted);
}
