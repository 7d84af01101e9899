#include "smtpclient/pool.h"

#include <catch2/catch.hpp>

#include "support/small_smtp_server.h"

using namespace posthouse;
using namespace posthouse::smtpclient;
using namespace std::chrono_literals;

namespace {

struct Peers {
  net::Loop loop;
  test::SmallSmtpServer server{loop};
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

TEST_CASE("whoever asks is told how long each phase took", "[smtpclient]") {
  net::Loop loop;
  test::SmallSmtpServer server(loop);
  std::vector<Phase> phases;
  Pool::Options options = Peers::options(10s);
  options.settings.onPhase = [&phases](Phase phase, std::chrono::steady_clock::duration took) {
    phases.push_back(phase);
    CHECK(took >= 0s);
  };
  Pool pool(loop, options);
  const Envelope envelope{{"alice@client.example"}, {{"bob@server.example"}, {"carol@server.example"}}};
  MemoryContent content("Subject: hello\r\n\r\n");
  const net::Address peer = server.address();
  loop.runUntilDone(pool.send(peer, "", envelope, content, 5s));
  CHECK(phases == std::vector{Phase::connect, Phase::hello, Phase::mail, Phase::rcpt, Phase::data});
  phases.clear();
  loop.runUntilDone(pool.send(peer, "", envelope, content, 5s));
  CHECK(phases == std::vector{Phase::mail, Phase::rcpt, Phase::data});
  phases.clear();
  server.hangUpAt = "RCPT";
  loop.runUntilDone(pool.close());
  loop.runUntilDone(pool.send(peer, "", envelope, content, 5s));
  CHECK(phases == std::vector{Phase::connect, Phase::hello, Phase::mail, Phase::rcpt});
  loop.runUntilDone(pool.close());
  loop.runUntilDone(server.close());
}

TEST_CASE("an idle connection that died is replaced, and nobody notices", "[smtpclient]") {
  Peers peers;
  peers.send();
  SECTION("because the server hung up between the mails") {
    peers.server.closeAfterMail = true;
  }
  SECTION("because it hangs up at the first command") {
    peers.server.hangUpAt = "MAIL";
  }
  SECTION("because it hangs up at DATA") {
    peers.server.hangUpAt = "DATA";
  }
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
  peers.server.hangUpAt = ".";
  const Result result = peers.send();
  CHECK(result.recipients[0].isDelivered() == knows);
  CHECK(result.mayHaveArrived != knows);
  CHECK(peers.count("DATA") == (knows ? 3 : 2));
}

TEST_CASE("the time for a mail is one, however many connections it takes", "[smtpclient]") {
  Peers peers;
  peers.send();
  peers.server.silentAt = "MAIL";
  MemoryContent content("Subject: hello\r\n\r\n");
  const Result result =
      peers.loop.runUntilDone(peers.pool.send(peers.server.address(), "", peers.envelope, content, 100ms));
  CHECK(result.recipients[0].reply.isTransient());
  CHECK(peers.server.messages.size() == 1);
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
