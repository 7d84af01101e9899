#include "smtpclient/connection.h"

#include <catch2/catch.hpp>

#include "support/script_stream.h"

using namespace posthouse;
using namespace posthouse::smtpclient;
using namespace std::chrono_literals;

namespace {

/// ScriptStream plays clients; here the peer is the server, so the letters change places.
std::string mirrored(std::string script) {
  bool lineStart = true;
  for (char& c : script) {
    if (lineStart && (c == 'C' || c == 'S')) c = c == 'C' ? 'S' : 'C';
    lineStart = c == '\n';
  }
  return script;
}

struct Play {
  net::Loop loop;
  test::ScriptStream* stream = nullptr;
  std::unique_ptr<Connection> connection;
  std::optional<Outcome> refused;

  Play(const std::string& script, Protocol protocol = Protocol::smtp) {
    auto scripted = std::make_unique<test::ScriptStream>(mirrored(script));
    stream = scripted.get();
    Settings settings;
    settings.protocol = protocol;
    settings.heloName = "client.example";
    auto opened = loop.runUntilDone(Connection::open(std::move(scripted), settings, 5s));
    if (opened) {
      connection = std::move(*opened);
    } else {
      refused = opened.error();
    }
  }

  Result send(const Envelope& envelope, std::string_view octets) {
    MemoryContent content(octets);
    return loop.runUntilDone(connection->send(envelope, content, 5s));
  }
  std::string transcript() const { return mirrored(stream->transcript()); }
};

Envelope toBobAnd(std::vector<std::string> others = {}) {
  Envelope envelope{{"alice@client.example"}, {{"bob@server.example"}}};
  for (auto& other : others) envelope.recipients.push_back({other});
  return envelope;
}

const std::string kMessage = "Subject: hello\r\n\r\n.dot\r\n";
const std::string kHello =
    "S: 220 server.example ESMTP\n"
    "C: EHLO client.example\n";

}  // namespace

TEST_CASE("a typical transaction, step by step", "[smtpclient]") {
  const std::string script = kHello +
                             "S: 250 server.example\n"
                             "C: MAIL FROM:<alice@client.example>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<bob@server.example>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: RCPT TO:<eve@server.example>\n"
                             "S: 550 5.1.1 No such mailbox\n"
                             "C: DATA\n"
                             "S: 354 Go on\n"
                             "C: Subject: hello\n"
                             "C: \n"
                             "C: ..dot\n"
                             "C: .\n"
                             "S: 250 2.0.0 Taken\n"
                             "C: QUIT\n"
                             "S: 221 Bye\n";
  Play play(script);
  const Result result = play.send(toBobAnd({"eve@server.example"}), kMessage);
  CHECK(result.recipients[0].isDelivered());
  CHECK(result.recipients[0].reply.text() == "250 2.0.0 Taken");
  CHECK(result.recipients[1].reply.text() == "550 5.1.1 No such mailbox");
  CHECK(result.recipients[1].phase == Phase::rcpt);
  CHECK(play.connection->isUsable());
  play.loop.runUntilDone(play.connection->quit());
  CHECK(play.transcript() == script);
}

TEST_CASE("commands go together where the server takes it, and parameters where it knows them", "[smtpclient]") {
  const std::string script = kHello +
                             "S: 250-server.example\n"
                             "S: 250-PIPELINING\n"
                             "S: 250-8BITMIME\n"
                             "S: 250-DSN\n"
                             "S: 250 SIZE 1000\n"
                             "C: MAIL FROM:<alice@client.example> SIZE=25 BODY=8BITMIME\n"
                             "C: RCPT TO:<bob@server.example> NOTIFY=FAILURE\n"
                             "C: DATA\n"
                             "S: 250 OK\n"
                             "S: 250 OK\n"
                             "S: 354 Go on\n"
                             "C: Subject: hello\n"
                             "C: \n"
                             "C: ..dot\n"
                             "C: .\n"
                             "S: 250 Taken\n";
  Play play(script);
  Envelope envelope = toBobAnd();
  envelope.mail.parameters.size = 25;
  envelope.mail.parameters.body = smtp::Body::eightBitMime;
  envelope.recipients[0].parameters.notify = smtp::Notify{.failure = true};
  envelope.recipients[0].parameters.deliveryId = "0123456789ABC";
  CHECK(play.send(envelope, kMessage).recipients[0].isDelivered());
  CHECK(play.transcript() == script);
}

TEST_CASE("a pipelined mail that nobody takes is empty, and the next one begins with RSET", "[smtpclient]") {
  const std::string script = kHello +
                             "S: 250-server.example\n"
                             "S: 250 PIPELINING\n"
                             "C: MAIL FROM:<alice@client.example>\n"
                             "C: RCPT TO:<bob@server.example>\n"
                             "C: DATA\n"
                             "S: 250 OK\n"
                             "S: 450 4.2.1 Not now\n"
                             "S: 354 Go on\n"
                             "C: .\n"
                             "S: 554 No valid recipients\n"
                             "C: RSET\n"
                             "C: MAIL FROM:<alice@client.example>\n"
                             "C: RCPT TO:<bob@server.example>\n"
                             "C: DATA\n"
                             "S: 250 OK\n"
                             "S: 530 Go away\n"
                             "S: 503 MAIL first\n"
                             "S: 503 MAIL first\n";
  Play play(script);
  CHECK(play.send(toBobAnd(), kMessage).recipients[0].reply.text() == "450 4.2.1 Not now");
  const Result second = play.send(toBobAnd(), kMessage);
  CHECK(second.recipients[0].reply.text() == "530 Go away");
  CHECK(second.recipients[0].phase == Phase::mail);
  CHECK(play.connection->isUsable());
  CHECK(play.transcript() == script);
}

TEST_CASE("LMTP answers for each recipient", "[smtpclient]") {
  const std::string script =
      "S: 220 server.example LMTP\n"
      "C: LHLO client.example\n"
      "S: 250-server.example\n"
      "S: 250-PIPELINING\n"
      "S: 250 XDELIVERYID\n"
      "C: MAIL FROM:<>\n"
      "C: RCPT TO:<bob@server.example> ORCPT=rfc822;sales@server.example XDELIVERYID=0123456789ABC\n"
      "C: RCPT TO:<eve@server.example>\n"
      "C: RCPT TO:<carol@server.example>\n"
      "C: DATA\n"
      "S: 250 OK\n"
      "S: 250 OK\n"
      "S: 550 5.1.1 Who?\n"
      "S: 250 OK\n"
      "S: 354 Go on\n"
      "C: Subject: hello\n"
      "C: \n"
      "C: ..dot\n"
      "C: .\n"
      "S: 250 2.0.0 Delivered\n"
      "S: 552 5.2.2 Full\n";
  Play play(script, Protocol::lmtp);
  Envelope envelope = toBobAnd({"eve@server.example", "carol@server.example"});
  envelope.mail.reversePath.clear();
  envelope.recipients[0].parameters.deliveryId = "0123456789ABC";
  envelope.recipients[0].parameters.originalRecipient = smtp::OriginalRecipient{"rfc822", "sales@server.example"};
  const Result result = play.send(envelope, kMessage);
  CHECK(result.recipients[0].isDelivered());
  CHECK(result.recipients[1].reply.code == 550);
  CHECK(result.recipients[2].reply.text() == "552 5.2.2 Full");
  CHECK(play.transcript() == script);
}

TEST_CASE("a server that knows only HELO", "[smtpclient]") {
  Play play(kHello +
            "S: 502 What?\n"
            "C: HELO client.example\n"
            "S: 250 server.example\n");
  REQUIRE(play.connection);
}

TEST_CASE("a session that is not opened says where and why", "[smtpclient]") {
  const auto [script, phase, reply, isFromPeer] = GENERATE(table<std::string, Phase, std::string, bool>({
      {"S: 554 No mail here\n", Phase::greeting, "554 No mail here", true},
      {"S: 421 4.3.2 Later\n", Phase::greeting, "421 4.3.2 Later", true},
      {"S: 220 hi\nC: EHLO client.example\nS: 451 4.3.0 Hm\n", Phase::hello, "451 4.3.0 Hm", true},
      {"S: 220 hi\nC: EHLO client.example\n", Phase::hello, "451 4.4.2 saying hello: the peer hung up", false},
      {"", Phase::greeting, "451 4.4.2 waiting for the greeting: the peer hung up", false},
  }));
  Play play(script);
  REQUIRE(play.refused);
  CHECK(play.refused->phase == phase);
  CHECK(play.refused->reply.text() == reply);
  CHECK(play.refused->isFromPeer == isFromPeer);
}

TEST_CASE("what talks but no SMTP is left", "[smtpclient]") {
  Play play("S: * OK IMAP4rev1 ready\n");
  REQUIRE(play.refused);
  CHECK_FALSE(play.refused->isFromPeer);
  CHECK(play.refused->reply.isTransient());
  Play endless("S* 220 " + std::string(100'000, 'x') + "\n");
  REQUIRE(endless.refused);
  CHECK(endless.refused->reply.text() == "451 4.5.0 waiting for the greeting: line too long");
}

TEST_CASE("what the next host cannot take is not sent to it", "[smtpclient]") {
  Play play(kHello + "S: 250-server.example\nS: 250 SIZE 10\n");
  Envelope large = toBobAnd();
  large.mail.parameters.size = 11;
  Envelope eightBit = toBobAnd();
  eightBit.mail.parameters.body = smtp::Body::eightBitMime;
  Envelope international = toBobAnd({"j\xc3\xb6rg@server.example"});
  CHECK(play.send(large, kMessage).recipients[0].reply.text().starts_with("552 5.3.4"));
  CHECK(play.send(eightBit, kMessage).recipients[0].reply.text().starts_with("554 5.6.3"));
  CHECK(play.send(international, kMessage).recipients[1].reply.text().starts_with("553 5.6.7"));
  CHECK(play.connection->isUsable());
}

TEST_CASE("a server that goes away in the middle means not now, and never twice by itself", "[smtpclient]") {
  const std::string begin = kHello +
                            "S: 250 server.example\n"
                            "C: MAIL FROM:<alice@client.example>\n";
  const std::string until354 = begin +
                               "S: 250 OK\n"
                               "C: RCPT TO:<bob@server.example>\n"
                               "S: 250 OK\n"
                               "C: DATA\n"
                               "S: 354 Go on\n";
  SECTION("before MAIL is answered") {
    Play play(begin);
    const Result result = play.send(toBobAnd(), kMessage);
    CHECK(result.recipients[0].reply.text() == "451 4.4.2 sending MAIL: the peer hung up");
    CHECK_FALSE(result.mayHaveArrived);
    CHECK_FALSE(play.connection->isUsable());
  }
  SECTION("with 421") {
    Play play(begin + "S: 421 4.3.2 Shutting down\n");
    const Result result = play.send(toBobAnd(), kMessage);
    CHECK(result.recipients[0].reply.text() == "421 4.3.2 Shutting down");
    CHECK_FALSE(play.connection->isUsable());
  }
  SECTION("after the final dot") {
    Play play(until354);
    const Result result = play.send(toBobAnd(), kMessage);
    CHECK(result.recipients[0].reply.text() == "451 4.4.2 waiting for the reply to the message: the peer hung up");
    CHECK(result.mayHaveArrived);
  }
  SECTION("because the content could not be read: no final dot") {
    struct Broken final : Content {
      void rewind() override {}
      Task<std::string_view> next() override {
        if (std::exchange(told, true)) throw std::logic_error("gone");
        co_return "Subject: h";
      }
      bool told = false;
    } content;
    Play play(until354);
    CHECK_THROWS_AS(play.loop.runUntilDone(play.connection->send(toBobAnd(), content, 5s)), std::logic_error);
    CHECK_FALSE(play.connection->isUsable());
    CHECK(play.transcript() == until354);
  }
}

TEST_CASE("a server that hangs up on a message it was sent has often said why", "[smtpclient]") {
  struct Deaf final : Content {
    explicit Deaf(test::ScriptStream*& stream) : stream_(stream) {}
    void rewind() override {}
    Task<std::string_view> next() override {
      if (std::exchange(told_, true)) stream_->close();
      co_return std::string_view(part_);
    }
    test::ScriptStream*& stream_;
    std::string part_ = std::string(100'000, 'x') + "\r\n";
    bool told_ = false;
  };
  Play play(kHello +
            "S: 250-server.example\n"
            "S: 250 PIPELINING\n"
            "C: MAIL FROM:<alice@client.example>\n"
            "C: RCPT TO:<bob@server.example>\n"
            "C: DATA\n"
            "S: 250 OK\n"
            "S: 250 OK\n"
            "S: 354 Go on\n"
            "S: 552 5.3.4 Too large\n");
  Deaf content(play.stream);
  const Result result = play.loop.runUntilDone(play.connection->send(toBobAnd(), content, 5s));
  CHECK(result.recipients[0].reply.text() == "552 5.3.4 Too large");
  CHECK_FALSE(result.mayHaveArrived);
  CHECK_FALSE(play.connection->isUsable());
}
