#include "smtpclient/pool.h"

#include <catch2/catch.hpp>

#include "net/line_stream.h"
#include "net/tcp_listener.h"

using namespace posthouse;
using namespace posthouse::smtpclient;
using namespace std::chrono_literals;

namespace {

/// A server of one line of code a command, that can be told to hang up.
class SmallServer {
 public:
  explicit SmallServer(net::Loop& loop)
      : listener_(loop, *net::Address::parse("127.0.0.1:0"),
                  [this](std::unique_ptr<net::ByteStream> client) { sessions_.spawn(serve(std::move(client))); }) {}

  const net::Address& address() const { return listener_.address(); }
  Task<> close() { return sessions_.drained(); }

  int connections = 0;
  std::vector<std::string> said;       // by all clients
  std::string extensions = "250-small\r\n250 PIPELINING\r\n";
  std::string hangUpAt;                // a command, once
  bool hangUpAfterDot = false;         // once
  bool closeWhenIdle = false;          // after each mail

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> client) {
    ++connections;
    net::LineStream stream(std::move(client));
    stream.write("220 small\r\n");
    co_await stream.flush(5s);
    bool inData = false;
    while (const auto line = co_await stream.readLine(4096, 5s)) {
      if (inData && *line != ".") continue;
      said.push_back(*line);
      const std::string verb = line->substr(0, 4);
      if (verb == hangUpAt || (inData && hangUpAfterDot)) {
        hangUpAt.clear();
        hangUpAfterDot = false;
        co_return;
      }
      if (verb == "EHLO" || verb == "LHLO") {
        stream.write(extensions);
      } else if (verb == "DATA") {
        inData = true;
        stream.write("354 Go on\r\n");
      } else if (verb == "QUIT") {
        stream.write("221 Bye\r\n");
      } else {
        stream.write("250 OK\r\n");
      }
      co_await stream.flush(5s);
      if (inData && verb != "DATA") {
        inData = false;
        if (closeWhenIdle) co_return;
      }
    }
  }

  TaskGroup sessions_;
  net::TcpListener listener_;
};

struct Peers {
  net::Loop loop;
  SmallServer server{loop};
  Pool pool;
  Envelope envelope{{"alice@client.example"}, {{"bob@server.example"}}};

  explicit Peers(std::chrono::milliseconds idleFor = 10s) : pool(loop, options(idleFor)) {}
  ~Peers() {
    loop.runUntilDone(pool.close());
    loop.runUntilDone(server.close());
  }
  static Pool::Options options(std::chrono::milliseconds idleFor) {
    Pool::Options options;
    options.settings.heloName = "client.example";
    options.idleFor = idleFor;
    return options;
  }
  Result send() {
    MemoryContent content("Subject: hello\r\n\r\n");
    return loop.runUntilDone(pool.send(server.address(), "", envelope, content, 5s));
  }
  long count(const std::string& line) { return std::ranges::count(server.said, line); }
};

}  // namespace

TEST_CASE("mails follow each other on one connection", "[smtpclient]") {
  Peers peers;
  for (int i = 0; i < 3; ++i) CHECK(peers.send().recipients[0].isDelivered());
  CHECK(peers.server.connections == 1);
  CHECK(peers.pool.idle() == 1);
  CHECK(peers.count("RSET") == 0);
  peers.loop.runUntilDone(peers.pool.close());
  CHECK(peers.server.said.back() == "QUIT");
  CHECK(peers.pool.open() == 0);
}

TEST_CASE("an idle connection that died is replaced, and nobody notices", "[smtpclient]") {
  Peers peers;
  peers.send();
  SECTION("because the server hung up between the mails") { peers.server.closeWhenIdle = true; }
  SECTION("because it hangs up at the first command") { peers.server.hangUpAt = "MAIL"; }
  SECTION("because it hangs up at DATA") { peers.server.hangUpAt = "DATA"; }
  peers.send();
  CHECK(peers.send().recipients[0].isDelivered());
  CHECK(peers.server.connections == 2);
}

TEST_CASE("after the final dot a mail is repeated only to a peer that knows it again", "[smtpclient]") {
  Peers peers;
  peers.envelope.recipients[0].parameters.deliveryId = "0123456789ABC";
  const bool knows = GENERATE(false, true);
  if (knows) peers.server.extensions = "250-small\r\n250-PIPELINING\r\n250 XDELIVERYID\r\n";
  peers.send();
  peers.server.hangUpAfterDot = true;
  const Result result = peers.send();
  CHECK(result.recipients[0].isDelivered() == knows);
  CHECK(result.mayHaveArrived != knows);
  CHECK(peers.count("DATA") == (knows ? 3 : 2));
}

TEST_CASE("a fresh connection that dies is not tried again", "[smtpclient]") {
  Peers peers;
  peers.server.hangUpAt = "MAIL";
  CHECK(peers.send().recipients[0].reply.code == 451);
  CHECK(peers.server.connections == 1);
}

TEST_CASE("nobody at the address is every recipient's outcome", "[smtpclient]") {
  Peers peers;
  peers.envelope.recipients.push_back({"carol@server.example"});
  net::Address nowhere = peers.server.address();
  {
    net::TcpListener closed(peers.loop, *net::Address::parse("127.0.0.1:0"), [](std::unique_ptr<net::ByteStream>) {});
    nowhere = closed.address();
  }
  MemoryContent content("");
  const Result result = peers.loop.runUntilDone(peers.pool.send(nowhere, "", peers.envelope, content, 5s));
  REQUIRE(result.recipients.size() == 2);
  CHECK(result.recipients[1].phase == Phase::connect);
  CHECK(result.recipients[1].reply.text().starts_with("451 4.4.1 connecting:"));
}

TEST_CASE("an idle connection says QUIT after its time", "[smtpclient]") {
  Peers peers(1ms);
  peers.send();
  while (peers.pool.open() > 0) peers.loop.runUntilDone(peers.loop.sleep(5ms));
  CHECK(peers.server.said.back() == "QUIT");
}
