#include "session.h"

#include <catch2/catch.hpp>

#include "services/lmtp-delivery/house.h"

using namespace posthouse;
using namespace posthouse::lmtp_delivery;

namespace {

const std::string kHello =
    "S: 220 mail.test LMTP\n"
    "C: LHLO client.test\n"
    "S: 250-mail.test\n"
    "S: 250-PIPELINING\n"
    "S: 250-8BITMIME\n"
    "S: 250-SMTPUTF8\n"
    "S: 250-ENHANCEDSTATUSCODES\n"
    "S: 250-SIZE 1000\n"
    "S: 250 XDELIVERYID\n";

const std::string kMail =
    "C: MAIL FROM:<carol@x.example>\n"
    "S: 250 2.1.0 OK\n";

}  // namespace

SCENARIO("each recipient has a reply of its own", "[lmtp-delivery]") {
  House house;
  house.directory.add("dave@mail.test", 4);
  house.mailroom.verdicts = {Verdict::delivered, Verdict::overQuota, Verdict::busy};
  const std::string script = kHello + kMail +
                             "C: RCPT TO:<alice@mail.test>\n"
                             "C: RCPT TO:<eve@mail.test>\n"
                             "C: RCPT TO:<bob@mail.test>\n"
                             "C: RCPT TO:<dave@mail.test>\n"
                             "C: DATA\n"
                             "S: 250 2.1.5 OK\n"
                             "S: 550 5.1.1 No such mailbox, session s1\n"
                             "S: 250 2.1.5 OK\n"
                             "S: 250 2.1.5 OK\n"
                             "S: 354 Go on\n"
                             "C: Subject: hello\n"
                             "C: \n"
                             "C: ..dot\n"
                             "C: .\n"
                             "S: 250 2.0.0 <alice@mail.test> delivered, session s1\n"
                             "S: 552 5.2.2 <bob@mail.test> the mailbox is full, session s1\n"
                             "S: 450 4.2.0 <dave@mail.test> the mailbox is busy, session s1\n"
                             "C: QUIT\n"
                             "S: 221 2.0.0 Bye\n";
  CHECK(house.play(script) == script);
  CHECK(house.mailroom.octets == "Subject: hello\r\n\r\n.dot\r\n");
  CHECK(house.mailroom.reversePath == "carol@x.example");
  CHECK(house.metrics.delivered.Value() == 1);
  CHECK(house.metrics.overQuota.Value() == 1);
  CHECK(house.metrics.noUser.Value() == 1);
  CHECK(house.metrics.temporary.Value() == 1);
}

SCENARIO("a user who was removed and made again gets his mail at once", "[lmtp-delivery]") {
  using Result = directory::Resolution::Result;
  House house;
  house.mailroom.gone = 1;
  const auto [now, reply] = GENERATE(table<directory::Resolution, std::string>({
      {{.result = Result::found, .accounts = {{9, "alice@mail.test"}}}, "250 2.0.0 <alice@mail.test> delivered"},
      {{.result = Result::noSuchAddress}, "550 5.1.1 <alice@mail.test> no such mailbox"},
  }));
  house.directory.changed["alice@mail.test"] = now;
  const std::string script = kHello + kMail +
                             "C: RCPT TO:<alice@mail.test>\n"
                             "C: DATA\n"
                             "S: 250 2.1.5 OK\n"
                             "S: 354 Go on\n"
                             "C: Subject: hello\n"
                             "C: .\n"
                             "S: " +
                             reply +
                             ", session s1\n"
                             "C: QUIT\n"
                             "S: 221 2.0.0 Bye\n";
  CHECK(house.play(script) == script);
}

SCENARIO("delivery ids of our own programs become keys", "[lmtp-delivery]") {
  House house;
  const std::string commands =
      "C: RCPT TO:<alice@mail.test> XDELIVERYID=0123456789ABC ORCPT=rfc822;sales@mail.test XRETRYKEY=" +
      std::string(64, 'a') + "\n";
  GIVEN("a client on this machine") {
    const std::string script = kHello + kMail + commands +
                               "S: 250 2.1.5 OK\n"
                               "C: RCPT TO:<bob@mail.test> XDELIVERYID=0123456789ABC\n"
                               "S: 250 2.1.5 OK\n"
                               "C: DATA\n"
                               "S: 354 Go on\n"
                               "C: .\n"
                               "S: 250 2.0.0 <alice@mail.test> delivered, 0123456789ABC\n"
                               "S: 250 2.0.0 <bob@mail.test> delivered, 0123456789ABC\n";
    CHECK(house.play(script) == script);
    REQUIRE(house.mailroom.recipients.size() == 2);
    CHECK(house.mailroom.recipients[0].deliveryKey == "0123456789ABC\nsales@mail.test");
    CHECK(house.mailroom.recipients[0].retryKey == std::string(32, '\xaa'));
    CHECK(house.mailroom.recipients[1].deliveryKey == "0123456789ABC\nbob@mail.test");
    CHECK(house.mailroom.recipients[1].retryKey.empty());
  }
  GIVEN("a client from elsewhere, who is not believed") {
    house.peer = "192.0.2.9:4000";
    const std::string transcript = house.play(kHello + kMail + commands + "S: \n");
    CHECK_THAT(transcript, Catch::Contains("S: 250 SIZE 1000\n") && !Catch::Contains("XDELIVERYID\nS"));
  }
  GIVEN("a client from a network that is trusted") {
    house.peer = "192.0.2.9:4000";
    house.config.trustedNetworks.push_back(*net::Network::parse("192.0.2.0/24"));
    CHECK_THAT(house.play(kHello + kMail + commands + "S: \n"), Catch::EndsWith("S: 250 2.1.5 OK\n"));
  }
}

SCENARIO("commands have their order", "[lmtp-delivery]") {
  House house;
  const std::string script =
      "S: 220 mail.test LMTP\n"
      "C: MAIL FROM:<a@x.example>\n"
      "S: 503 5.5.1 LHLO comes first\n"
      "C: EHLO client.test\n"
      "S: 500 5.5.1 This is LMTP, and has no such command\n"
      "C: HELO client.test\n"
      "S: 500 5.5.1 This is LMTP, and has no such command\n" +
      kHello.substr(kHello.find('\n') + 1) +
      "C: RCPT TO:<alice@mail.test>\n"
      "S: 503 5.5.1 MAIL comes first\n"
      "C: DATA\n"
      "S: 503 5.5.1 MAIL comes first\n" +
      kMail +
      "C: MAIL FROM:<carol@x.example>\n"
      "S: 503 5.5.1 A transaction is under way\n"
      "C: DATA\n"
      "S: 503 5.5.1 No valid recipients\n"
      "C: RSET\n"
      "S: 250 2.0.0 OK\n"
      "C: RCPT TO:<alice@mail.test>\n"
      "S: 503 5.5.1 MAIL comes first\n"
      "C: NOOP\n"
      "S: 250 2.0.0 OK\n"
      "C: QUIT\n"
      "S: 221 2.0.0 Bye\n";
  CHECK(house.play(script) == script);
}

SCENARIO("what cannot be stored is refused with its reason", "[lmtp-delivery]") {
  House house;
  const std::string begin = kHello + kMail + "C: RCPT TO:<alice@mail.test>\nS: 250 2.1.5 OK\nC: DATA\nS: 354 Go on\n";
  SECTION("announced too large") {
    const std::string script =
        kHello + "C: MAIL FROM:<> SIZE=1001\nS: 552 5.3.4 The message is larger than this server takes\n";
    CHECK(house.play(script) == script);
  }
  SECTION("too large when it came") {
    const std::string script =
        begin + "C: " + std::string(600, 'x') + "\nC: " + std::string(600, 'x') +
        "\nC: .\nS: 552 5.3.4 The message is larger than this server takes, session s1\nC: NOOP\nS: 250 2.0.0 OK\n";
    CHECK(house.play(script) == script);
    CHECK(house.mailroom.messages == 0);
  }
  SECTION("large while others fill the memory") {
    house.config.maxMessageSize = 1'000'000;
    MemoryShare others(house.memory);
    REQUIRE(others.grow(1'000'000));
    std::string large;
    for (int i = 0; i < 200; ++i) large += "C: " + std::string(900, 'x') + "\n";
    const std::string script =
        begin + large +
        "C: .\nS: 452 4.3.1 Too much mail at once, try again later, session s1\nC: NOOP\nS: 250 2.0.0 OK\n";
    CHECK_THAT(house.play(script), Catch::EndsWith(script.substr(script.size() - 200)));
    CHECK(house.mailroom.messages == 0);
  }
  SECTION("with too large a header") {
    house.config.maxHeaderSize = 20;
    const std::string script =
        begin +
        "C: Subject: 678901234\nC: \nC: .\nS: 552 5.3.4 The header is larger than this server takes, session s1\n";
    CHECK(house.play(script) == script);
    CHECK(house.mailroom.messages == 0);
  }
  SECTION("with a line feed alone, which is no line end") {
    const std::string script = begin + "C* Subject: x\\n.\\nMAIL FROM:<evil@x.example>\\r\\n.\\r\\n\n" +
                               "S: 554 5.6.0 The message holds a CR or LF alone, session s1\n";
    CHECK(house.play(script) == script);
    CHECK(house.mailroom.messages == 0);
  }
  SECTION("while the store is away") {
    house.mailroom.verdicts = {Verdict::unavailable};
    const std::string script = begin + "C: .\nS: 451 4.3.0 <alice@mail.test> cannot be stored now, session s1\n";
    CHECK(house.play(script) == script);
  }
  SECTION("while accountd is away") {
    house.directory.away = true;
    const std::string script =
        kHello + kMail + "C: RCPT TO:<alice@mail.test>\nS: 451 4.3.0 Addresses cannot be looked up now, session s1\n";
    CHECK(house.play(script) == script);
  }
  SECTION("large, into a mailbox that is full") {
    house.config.maxMessageSize = 10'000'000;
    house.mailroom.full = true;
    CHECK_THAT(
        house.play(kHello + "C: MAIL FROM:<> SIZE=9000000\nS: 250 2.1.0 OK\nC: RCPT TO:<alice@mail.test>\nS: \n"),
        Catch::Contains("S: 552 5.2.2 The mailbox is full, session s1\n"));
  }
  SECTION("large and perhaps a repeat of what filled the mailbox: only storing can tell") {
    house.config.maxMessageSize = 10'000'000;
    house.mailroom.full = true;
    CHECK_THAT(house.play(kHello + "C: MAIL FROM:<> SIZE=9000000\nS: 250 2.1.0 OK\n"
                                   "C: RCPT TO:<alice@mail.test> XDELIVERYID=0123456789ABC\nS: \n"),
               Catch::Contains("S: 250 2.1.5 OK\n"));
  }
  SECTION("for an alias with members elsewhere") {
    house.directory.known["all@mail.test"] = {.result = directory::Resolution::Result::found,
                                              .accounts = {{1, "alice@mail.test"}},
                                              .remoteAddresses = {"x@y.example"}};
    CHECK_THAT(house.play(kHello + kMail + "C: RCPT TO:<all@mail.test>\nS: \n"), Catch::Contains("S: 550 5.1.1"));
  }
}

SCENARIO("a hostile client is bounded", "[lmtp-delivery]") {
  House house;
  SECTION("a line without end") {
    CHECK_THAT(house.play(kHello + "C: " + std::string(100'000, 'x') + "\nS: \nC: NOOP\nS: \n"),
               Catch::Contains("S: 500 ") && Catch::EndsWith("S: 250 2.0.0 OK\n"));
  }
  SECTION("error after error") {
    house.config.maxErrors = 2;
    CHECK_THAT(house.play("S: 220 mail.test LMTP\nC: X\nC: X\nC: X\nC: X\n"),
               Catch::EndsWith("S: 421 4.7.0 Too many errors\n"));
  }
  SECTION("recipient after recipient") {
    house.config.maxRecipients = 1;
    CHECK_THAT(house.play(kHello + kMail + "C: RCPT TO:<alice@mail.test>\nC: RCPT TO:<bob@mail.test>\nS: \n"),
               Catch::EndsWith("S: 452 4.5.3 Too many recipients\n"));
  }
  SECTION("hanging up in the middle of a message") {
    house.play(kHello + kMail +
               "C: RCPT TO:<alice@mail.test>\nS: 250 2.1.5 OK\nC: DATA\nS: 354 Go on\nC: Subject: x\n");
    CHECK(house.mailroom.messages == 0);
  }
}

SCENARIO("a client that goes before it is answered is noticed, and its message not stored late", "[lmtp-delivery]") {
  House house;
  const std::string script = kHello + kMail +
                             "C: RCPT TO:<alice@mail.test>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: DATA\n"
                             "S: 354 Go on\n"
                             "C: Subject: hello\n"
                             "C: .\n";
  SECTION("it went") {
    house.play(script);
    CHECK(house.mailroom.messages == 1);
    CHECK(house.mailroom.wasAbandoned);
  }
  SECTION("it waits, and has said what comes next") {
    house.play(script +
               "C: QUIT\n"
               "S: 250 2.0.0 <alice@mail.test> delivered, session s1\n"
               "S: 221 2.0.0 Bye\n");
    CHECK(house.mailroom.messages == 1);
    CHECK_FALSE(house.mailroom.wasAbandoned);
  }
}
