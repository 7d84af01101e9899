#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "async/completion.h"
#include "async/task_group.h"
#include "net/connect.h"
#include "net/line_stream.h"
#include "net/tcp_listener.h"
#include "net/wait.h"

using namespace posthouse;
using namespace posthouse::net;
using namespace std::chrono_literals;

namespace {

const Address kAnyPort{"127.0.0.1", 0, ""};

Task<> echo(std::unique_ptr<ByteStream> client) {
  LineStream lines(std::move(client));
  while (auto line = co_await lines.readLine(1000, 5s)) {
    lines.write(*line + "\r\n");
    co_await lines.flush(5s);
  }
}

Task<std::string> ask(Loop& loop, Address address, std::string question) {
  LineStream lines(co_await connect(loop, std::move(address), 5s));
  lines.write(question + "\r\n");
  co_await lines.flush(5s);
  auto answer = co_await lines.readLine(1000, 5s);
  co_return answer.value_or("(end)");
}

Task<Interrupt> interrupted(ByteStream& stream, Patience patience) {
  std::string into;
  try {
    co_await stream.read(into, std::move(patience));
  } catch (const Interrupted& reason) {
    co_return reason.why;
  }
  throw std::logic_error("was not interrupted");
}

sockaddr_storage loopback(std::uint16_t port) {
  sockaddr_storage storage{};
  auto* in = reinterpret_cast<sockaddr_in*>(&storage);
  in->sin_family = AF_INET;
  in->sin_port = htons(port);
  in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return storage;
}

/// Listens, accepts nobody and has no place left for more: who connects hears nothing.
struct FullSocket {
  int listening = socket(AF_INET, SOCK_STREAM, 0);
  std::vector<int> waiting;
  FullSocket() {
    const sockaddr_storage any = loopback(0);
    REQUIRE(bind(listening, reinterpret_cast<const sockaddr*>(&any), sizeof(sockaddr_in)) == 0);
    REQUIRE(listen(listening, 0) == 0);
    const sockaddr_storage here = address();
    for (int i = 0; i < 4; ++i) {
      waiting.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      ::connect(waiting.back(), reinterpret_cast<const sockaddr*>(&here), sizeof(sockaddr_in));
    }
  }
  ~FullSocket() {
    for (const int each : waiting) close(each);
    close(listening);
  }
  sockaddr_storage address() const {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    getsockname(listening, reinterpret_cast<sockaddr*>(&storage), &length);
    return storage;
  }
};

Task<> wait(Event& event) {
  co_await event;
}

Task<Interrupt> triedInVain(Loop& loop, std::vector<sockaddr_storage> targets) {
  try {
    co_await connectFirst(loop, Address{"mx.test", 25, ""}, std::move(targets), 50ms);
  } catch (const Interrupted& interrupted) {
    co_return interrupted.why;
  }
  throw std::logic_error("somebody answered");
}

/// A first wait that is woken and finishes in one turn of the loop, then what ends the next.
Task<Interrupt> wokenWhenDone(Loop& loop, const Patience& patience, Wakeup& wakeup) {
  Wait first(loop, patience);
  loop.post([&] {
    wakeup.wake();
    first.finish();
  });
  co_await first;
  Wait second(loop, patience);
  try {
    co_await second;
  } catch (const Interrupted& reason) {
    co_return reason.why;
  }
  throw std::logic_error("was not interrupted");
}

/// Writes until the peer's and the system's buffers are full and the wait runs out.
Task<Interrupt> writeForever(ByteStream& stream, std::size_t& written) {
  const std::string block(1 << 20, 'x');
  try {
    for (;;) {
      co_await stream.write(block, 300ms);
      written += block.size();
    }
  } catch (const Interrupted& reason) {
    co_return reason.why;
  }
}

}  // namespace

TEST_CASE("the octets of connections are counted", "[net]") {
  struct Counted final : Traffic {
    std::size_t in = 0;
    std::size_t out = 0;
    void received(std::size_t octets) override { in += octets; }
    void sent(std::size_t octets) override { out += octets; }
  } traffic;
  Loop loop;
  TaskGroup clients;
  TcpListener listener(
      loop, kAnyPort, [&](std::unique_ptr<ByteStream> client) { clients.spawn(echo(std::move(client))); }, {},
      &traffic);
  CHECK(loop.runUntilDone(ask(loop, listener.address(), "hello")) == "hello");
  loop.runUntilDone(clients.drained());
  CHECK(traffic.in == 7);
  CHECK(traffic.out == 7);
}

TEST_CASE("octets go both ways over TCP and over a unix socket", "[net]") {
  Loop loop;
  TaskGroup group;
  const Address address = GENERATE(Address{"127.0.0.1", 0, ""}, Address{"::1", 0, ""},
                                   Address{"", 0, "/tmp/posthouse-net-test-" + std::to_string(getpid())});
  {
    TcpListener listener(loop, address,
                         [&](std::unique_ptr<ByteStream> client) { group.spawn(echo(std::move(client))); });
    CHECK(loop.runUntilDone(ask(loop, listener.address(), "hello")) == "hello");
    CHECK(listener.address().isLoopback());
  }
  loop.runUntilDone(group.drained());
}

TEST_CASE("a client whose network goes is found out", "[net]") {
  Loop loop;
  std::unique_ptr<ByteStream> accepted;
  Event arrived;
  TcpListener listener(loop, kAnyPort, [&](std::unique_ptr<ByteStream> client) {
    accepted = std::move(client);
    arrived.set();
  });
  const auto client = loop.runUntilDone(connect(loop, listener.address(), 5s));
  loop.runUntilDone(wait(arrived));
  // Linux shows, of each connection, which of its timers runs: 02 is that of keepalive.
  const auto hex = [](std::uint16_t port) {
    std::ostringstream text;
    text << "0100007F:" << std::hex << std::uppercase << std::setw(4) << std::setfill('0') << port;
    return text.str();
  };
  std::ifstream connections("/proc/net/tcp");
  const std::string ends = hex(listener.address().port) + " " + hex(accepted->peer().port);
  std::string shown;
  for (std::string line; std::getline(connections, line);)
    if (line.contains(ends)) shown = line;
  INFO(shown);
  CHECK(shown.contains(" 02:"));
}

TEST_CASE("a port where nobody listens is an error that names it", "[net]") {
  Loop loop;
  Address gone = TcpListener(loop, kAnyPort, [](std::unique_ptr<ByteStream>) {}).address();
  CHECK_THROWS_WITH(loop.runUntilDone(ask(loop, gone, "x")),
                    Catch::Contains(gone.text()) && Catch::Contains("refused"));
  CHECK_THROWS_AS(loop.runUntilDone(ask(loop, Address{"", 0, "/nonexistent/socket"}, "x")), ConnectFailed);
}

TEST_CASE("a wait ends by timeout, by the stop token and by a wakeup, and reading may go on", "[net]") {
  Loop loop;
  std::unique_ptr<ByteStream> server;
  TcpListener listener(loop, kAnyPort, [&](std::unique_ptr<ByteStream> client) { server = std::move(client); });
  auto client = loop.runUntilDone(connect(loop, listener.address(), 5s));

  CHECK(loop.runUntilDone(interrupted(*client, 10ms)) == Interrupt::timeout);

  std::stop_source stop;
  loop.post([&] { stop.request_stop(); });
  CHECK(loop.runUntilDone(interrupted(*client, Patience(5s, stop.get_token()))) == Interrupt::shutdown);
  CHECK(loop.runUntilDone(interrupted(*client, Patience(5s, stop.get_token()))) == Interrupt::shutdown);

  Wakeup wakeup;
  wakeup.wake();  // before the wait: not lost
  CHECK(loop.runUntilDone(interrupted(*client, Patience(5s, {}, &wakeup))) == Interrupt::wakeup);
  loop.post([&] { wakeup.wake(); });
  CHECK(loop.runUntilDone(interrupted(*client, Patience(5s, {}, &wakeup))) == Interrupt::wakeup);

  REQUIRE(server);
  loop.runUntilDone(server->write("still here", 5s));
  std::string into;
  CHECK(loop.runUntilDone(client->read(into, 5s)) == 10);
  CHECK(into == "still here");
}

TEST_CASE("a wakeup that comes together with what is waited for ends the next wait", "[net]") {
  Loop loop;
  Wakeup wakeup;
  const Patience patience(5s, {}, &wakeup);
  CHECK(loop.runUntilDone(wokenWhenDone(loop, patience, wakeup)) == Interrupt::wakeup);
}

TEST_CASE("a peer that does not read stops the writer, and memory stays bounded", "[net]") {
  Loop loop;
  std::unique_ptr<ByteStream> server;
  TcpListener listener(loop, kAnyPort, [&](std::unique_ptr<ByteStream> client) { server = std::move(client); });
  auto client = loop.runUntilDone(connect(loop, listener.address(), 5s));
  std::size_t written = 0;
  CHECK(loop.runUntilDone(writeForever(*client, written)) == Interrupt::timeout);
  CHECK(written < (64u << 20));  // the kernel's buffers and 16 KiB of ours
}

TEST_CASE("only a little is read ahead of somebody who does not ask", "[net]") {
  Loop loop;
  std::unique_ptr<ByteStream> server;
  TcpListener listener(loop, kAnyPort, [&](std::unique_ptr<ByteStream> client) { server = std::move(client); });
  auto client = loop.runUntilDone(connect(loop, listener.address(), 5s));
  std::size_t written = 0;
  loop.runUntilDone(writeForever(*client, written));
  std::string into;
  CHECK(loop.runUntilDone(server->read(into, 5s)) == 16 * 1024);
}

TEST_CASE("closing a stream ends its waits", "[net]") {
  Loop loop;
  std::unique_ptr<ByteStream> server;
  TcpListener listener(loop, kAnyPort, [&](std::unique_ptr<ByteStream> client) { server = std::move(client); });
  auto client = loop.runUntilDone(connect(loop, listener.address(), 5s));
  loop.post([&] { client->close(); });
  std::string into;
  CHECK_THROWS_AS(loop.runUntilDone(client->read(into, 5s)), ConnectionLost);
}

TEST_CASE("closing a stream ends a write that waits for the peer", "[net]") {
  Loop loop;
  std::unique_ptr<ByteStream> server;
  TcpListener listener(loop, kAnyPort, [&](std::unique_ptr<ByteStream> client) { server = std::move(client); });
  auto client = loop.runUntilDone(connect(loop, listener.address(), 5s));
  loop.post([&] { client->close(); });
  CHECK_THROWS_AS(loop.runUntilDone(client->write(std::string(64u << 20, 'x'), 5s)), ConnectionLost);
}

TEST_CASE("networks in CIDR notation", "[net]") {
  const auto [network, host, inside] = GENERATE(table<std::string, std::string, bool>({
      {"10.0.0.0/8", "10.255.1.2", true},
      {"10.0.0.0/8", "11.0.0.1", false},
      {"192.0.2.128/25", "192.0.2.127", false},
      {"192.0.2.128/25", "192.0.2.200", true},
      {"192.0.2.1", "192.0.2.1", true},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"127.0.0.0/8", "::ffff:127.0.0.1", true},
      {"0.0.0.0/0", "::1", false},
      {"0.0.0.0/0", "mail.example", false},
  }));
  CAPTURE(network, host);
  CHECK(Network::parse(network)->contains(Address{host, 1, ""}) == inside);
  CHECK_FALSE(Network::parse("10.0.0.0/33"));
  CHECK_FALSE(Network::parse("10.0.0/8"));
}

TEST_CASE("addresses are written and read", "[net]") {
  CHECK(Address::parse("[::1]:25")->host == "::1");
  CHECK(Address::parse("[::1]:25")->text() == "[::1]:25");
  CHECK(Address::parse("unix:/run/x")->isUnix());
  const std::string bad =
      GENERATE("", "25", ":25", "::1:25", "host:", "host:65536", "host:x", "unix:", "[::1:25", "[[]:25", "[unix]:25");
  CAPTURE(bad);
  CHECK_FALSE(Address::parse(bad));
}

namespace {

/// What is known of a peer who closes with or without having read what was written to it.
Task<> writeAndListen(std::unique_ptr<ByteStream> stream, std::string& seen) {
  CHECK_FALSE(stream->hasPeerClosed());
  co_await stream->write("hello\r\n", 5s);
  std::string into;
  try {
    while (co_await stream->read(into, 5s) > 0) {
    }
    seen = stream->hasPeerClosed() && stream->isAcknowledged() ? "read it" : "?";
  } catch (const ConnectionLost&) {
    seen = "left it unread";
    CHECK(stream->hasPeerClosed());
  }
}

}  // namespace

TEST_CASE("whether a peer that closed has read what was written shows", "[net]") {
  Loop loop;
  TaskGroup group;
  std::string seen;
  TcpListener listener(loop, kAnyPort, [&](std::unique_ptr<ByteStream> client) {
    group.spawn(writeAndListen(std::move(client), seen));
  });
  SECTION("it read") {
    CHECK(loop.runUntilDone(ask(loop, listener.address(), "")) == "hello");
    loop.runUntilDone(group.drained());
    CHECK(seen == "read it");
  }
  SECTION("it read nothing") {
    // A plain socket: our own streams read ahead.
    const int peer = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET,
                        .sin_port = htons(listener.address().port),
                        .sin_addr = {htonl(INADDR_LOOPBACK)},
                        .sin_zero = {}};
    REQUIRE(::connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    char octet = 0;
    while (recv(peer, &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 1) loop.runUntilDone(loop.sleep(1ms));
    close(peer);
    loop.runUntilDone(group.drained());
    CHECK(seen == "left it unread");
  }
}

TEST_CASE("a listener that ends leaves the socket of the one that took its place", "[net]") {
  Loop loop;
  const Address address{"", 0, "/tmp/posthouse-tcp-test-successor-" + std::to_string(getpid())};
  TaskGroup group;
  const auto serve = [&](std::unique_ptr<ByteStream> client) { group.spawn(echo(std::move(client))); };
  auto before = std::make_unique<TcpListener>(loop, address, serve);
  auto after = std::make_unique<TcpListener>(loop, address, serve);
  before.reset();
  CHECK(loop.runUntilDone(ask(loop, address, "hello")) == "hello");
  after.reset();
  CHECK(access(address.path.c_str(), F_OK) != 0);
  loop.runUntilDone(group.drained());
}

TEST_CASE("an address that swallows what is sent to it does not keep the next from being tried", "[net]") {
  Loop loop;
  TaskGroup group;
  {
    TcpListener listener(loop, kAnyPort,
                         [&](std::unique_ptr<ByteStream> client) { group.spawn(echo(std::move(client))); });
    const FullSocket full;
    const auto stream = loop.runUntilDone(
        connectFirst(loop, Address{"mx.test", 25, ""}, {full.address(), loopback(listener.address().port)}, 5s));
    CHECK(stream->peer().port == listener.address().port);
    CHECK(loop.runUntilDone(triedInVain(loop, {full.address(), full.address()})) == Interrupt::timeout);
  }
  loop.runUntilDone(group.drained());
}
