// A session over a real connection while the program ends.
#include <catch2/catch.hpp>

#include "net/connect.h"
#include "net/tcp_listener.h"
#include "services/lmtp-delivery/house.h"

using namespace posthouse;
using namespace posthouse::lmtp_delivery;
using namespace std::chrono_literals;

namespace {

struct Connected {
  House house;
  net::Loop loop;
  TaskGroup sessions;
  net::TcpListener listener{loop, *net::Address::parse("127.0.0.1:0"), [this](std::unique_ptr<net::ByteStream> client) {
                              sessions.spawn(serve(std::move(client)));
                            }};
  net::LineStream client{loop.runUntilDone(net::connect(loop, listener.address(), 5s))};

  Task<> serve(std::unique_ptr<net::ByteStream> stream) {
    Session session(std::move(stream),
                    {house.config, house.directory, house.mailroom, house.metrics, house.log, house.memory,
                     house.lastCall.get_token()},
                    "s1", house.stop.get_token());
    co_await session.run();
  }
  void say(const std::string& line) {
    client.write(line + "\r\n");
    loop.runUntilDone(client.flush(5s));
  }
  std::string hear() { return loop.runUntilDone(client.readLine(1000, 5s)).value_or("(the end)"); }
  std::string ask(const std::string& line) {
    say(line);
    std::string reply = hear();
    while (reply.size() > 3 && reply[3] == '-') reply = hear();
    return reply;
  }
  ~Connected() {
    client.bytes().close();
    loop.runUntilDone(sessions.drained());
  }
};

}  // namespace

TEST_CASE("a drain ends a session that waits for nothing", "[lmtp-delivery]") {
  Connected test;
  CHECK(test.hear() == "220 mail.test LMTP");
  test.ask("LHLO client.test");
  test.house.stop.request_stop();
  CHECK(test.hear() == "421 4.3.2 Shutting down");
  CHECK(test.hear() == "(the end)");
}

TEST_CASE("a drain lets a transaction come to its end", "[lmtp-delivery]") {
  Connected test;
  test.hear();
  test.ask("LHLO client.test");
  test.ask("MAIL FROM:<carol@x.example>");
  test.house.stop.request_stop();
  CHECK(test.ask("RCPT TO:<alice@mail.test>") == "250 2.1.5 OK");
  CHECK(test.ask("DATA") == "354 Go on");
  CHECK(test.ask("Subject: x\r\n\r\n.") == "250 2.0.0 <alice@mail.test> delivered, session s1");
  CHECK(test.hear() == "421 4.3.2 Shutting down");
  CHECK(test.house.mailroom.messages == 1);
}

TEST_CASE("the last call of a drain ends a transaction whose client has fallen silent", "[lmtp-delivery]") {
  Connected test;
  test.hear();
  test.ask("LHLO client.test");
  test.ask("MAIL FROM:<carol@x.example>");
  SECTION("before DATA") {}
  SECTION("in the middle of a message") {
    test.ask("RCPT TO:<alice@mail.test>");
    test.ask("DATA");
    test.say("Subject: x");
  }
  test.house.stop.request_stop();
  test.house.lastCall.request_stop();
  CHECK(test.hear() == "421 4.3.2 Shutting down");
  CHECK(test.hear() == "(the end)");
  CHECK(test.house.mailroom.messages == 0);
}

TEST_CASE("a client that says nothing is let go", "[lmtp-delivery]") {
  Connected test;
  test.hear();
  test.house.config.commandTimeout = 1ms;
  test.ask("LHLO client.test");  // the wait after this one is short
  CHECK(test.hear() == "421 4.4.2 Too long without a command");
}
