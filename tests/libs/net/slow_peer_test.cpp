#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "net/connect.h"
#include "net/hang_up.h"
#include "net/line_stream.h"
#include "net/tcp_listener.h"
#include "net/tls_stream.h"
#include "support/self_signed.h"

using namespace posthouse;
using namespace posthouse::net;
using namespace std::chrono_literals;

namespace {

/// A connection of which this test has both ends.
struct Pair {
  Loop loop;
  std::unique_ptr<ByteStream> server;
  TcpListener listener{loop, Address{"127.0.0.1", 0, ""},
                       [this](std::unique_ptr<ByteStream> accepted) { server = std::move(accepted); }};
  std::unique_ptr<ByteStream> client = loop.runUntilDone(connect(loop, listener.address(), 5s));
  Pair() {
    while (!server) uv_run(loop.uv(), UV_RUN_ONCE);
  }
};

/// An octet now and then, more often than any single wait would allow, until the other side gives up.
Task<> drip(Loop& loop, ByteStream& stream, std::string octets) {
  try {
    for (std::size_t i = 0;; i = std::min(i + 1, octets.size() - 1)) {
      co_await stream.write(std::string_view(octets).substr(i, 1), 5s);
      co_await loop.sleep(50ms);
    }
  } catch (const ConnectionLost&) {
  }
}

/// How the waiting ended, and the connection with it.
Task<std::string> endOf(Task<> waiting, ByteStream& server) {
  std::string end = "no end";
  try {
    co_await std::move(waiting);
  } catch (const std::exception& error) {
    end = error.what();
  }
  server.close();
  co_return end;
}

Task<> readLine(LineStream& lines) {
  co_await lines.readLine(1000, 300ms);
}
Task<> skipLine(LineStream& lines) {
  co_await lines.skipLine(1000, 300ms);
}
Task<> readOctets(LineStream& lines) {
  co_await lines.readOctets(1000, 300ms);
}
Task<> handshake(TlsStream& stream) {
  co_await stream.handshake(300ms);
}

}  // namespace

TEST_CASE("a peer that sends an octet now and then is not waited for again and again", "[net]") {
  using Wait = Task<> (*)(LineStream&);
  const Wait wait = GENERATE(Wait{readLine}, Wait{skipLine}, Wait{readOctets});
  Pair pair;
  TaskGroup group;
  LineStream lines(std::move(pair.server));
  group.spawn(drip(pair.loop, *pair.client, "x"));
  CHECK(pair.loop.runUntilDone(endOf(wait(lines), lines.bytes())) == "the wait took too long");
  pair.loop.runUntilDone(group.drained());
}

TEST_CASE("a handshake that comes an octet at a time has no longer than any other", "[net]") {
  const test::SelfSigned files;
  Pair pair;
  TaskGroup group;
  const auto secured = TlsStream::server(std::move(pair.server), TlsContext::server(files.certificate, files.key));
  const std::string kRecord("\x16\x03\x01\x40\x00x", 6);  // the head of a large one
  group.spawn(drip(pair.loop, *pair.client, kRecord));
  CHECK(pair.loop.runUntilDone(endOf(handshake(*secured), *secured)) == "the wait took too long");
  pair.loop.runUntilDone(group.drained());
}

TEST_CASE("what was said last reaches a peer whose own words are not read any more", "[net]") {
  Pair pair;
  pair.loop.runUntilDone(pair.client->write(std::string(200'000, 'x'), 5s));
  pair.loop.runUntilDone(pair.server->write("BYE", 5s));
  TaskGroup group;
  group.spawn(hangUp(*pair.server));
  std::string heard;
  pair.loop.runUntilDone(pair.client->read(heard, 5s));
  CHECK(heard == "BYE");
  CHECK(pair.loop.runUntilDone(pair.client->read(heard, 5s)) == 0);  // an end, not a reset
  pair.client->close();
  pair.loop.runUntilDone(group.drained());
}

TEST_CASE("a peer that does not leave is left after a while, and one that sends without end", "[net]") {
  Pair pair;
  const bool sends = GENERATE(true, false);
  TaskGroup group;
  if (sends) group.spawn(drip(pair.loop, *pair.client, "x"));
  pair.loop.runUntilDone(hangUp(*pair.server, 200ms));
  std::string heard;
  CHECK_THROWS_AS(pair.loop.runUntilDone(pair.server->read(heard, 5s)), ConnectionLost);
  pair.loop.runUntilDone(group.drained());
}

namespace {

Task<> shakeHands(TlsStream& stream) {
  co_await stream.handshake(5s);
}

/// Both ends of a TLS connection.
struct TlsPair : Pair {
  test::SelfSigned files;
  std::unique_ptr<TlsStream> securedServer =
      TlsStream::server(std::move(server), TlsContext::server(files.certificate, files.key));
  std::unique_ptr<TlsStream> securedClient =
      TlsStream::client(std::move(client), TlsContext::client(TlsContext::Verify::none), "mail.test");
  TlsPair() {
    TaskGroup group;
    group.spawn(shakeHands(*securedClient));
    loop.runUntilDone(shakeHands(*securedServer));
    loop.runUntilDone(group.drained());
  }
};

/// How many octets a stream takes for a peer that reads none.
Task<std::size_t> writeUntilTimeout(ByteStream& stream) {
  const std::string block(1 << 20, 'x');
  std::size_t written = 0;
  try {
    for (;;) {
      co_await stream.write(block, 300ms);
      written += block.size();
    }
  } catch (const Interrupted&) {
  }
  co_return written;
}

Task<Interrupt> interruptOf(Task<std::size_t> reading) {
  try {
    co_await std::move(reading);
  } catch (const Interrupted& interrupted) {
    co_return interrupted.why;
  }
  throw std::logic_error("was not interrupted");
}

}  // namespace

TEST_CASE("a peer that does not read TLS stops the writer, and memory stays bounded", "[net]") {
  TlsPair pair;
  CHECK(pair.loop.runUntilDone(writeUntilTimeout(*pair.securedServer)) < (64u << 20));
  CHECK_THROWS_AS(pair.loop.runUntilDone(pair.securedServer->write("more", 5s)), ConnectionLost);  // closed by then
}

TEST_CASE("a wait within TLS ends by the stop token, and reading may go on", "[net]") {
  TlsPair pair;
  std::stop_source stop;
  std::string heard;
  pair.loop.post([&] { stop.request_stop(); });
  CHECK(pair.loop.runUntilDone(interruptOf(pair.securedServer->read(heard, Patience(5s, stop.get_token())))) ==
        Interrupt::shutdown);
  pair.loop.runUntilDone(pair.securedClient->write("still here", 5s));
  pair.loop.runUntilDone(pair.securedServer->read(heard, 5s));
  CHECK(heard == "still here");
}

TEST_CASE("a handshake ends by the stop token", "[net]") {
  const test::SelfSigned files;
  Pair pair;
  const auto secured = TlsStream::server(std::move(pair.server), TlsContext::server(files.certificate, files.key));
  std::stop_source stop;
  pair.loop.post([&] { stop.request_stop(); });
  CHECK_THROWS_AS(pair.loop.runUntilDone(secured->handshake(Patience(5s, stop.get_token()))), Interrupted);
}
