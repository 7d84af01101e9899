#include <catch2/catch.hpp>

#include "world.h"

using namespace posthouse;
using namespace posthouse::smtpd;

namespace {

const std::string kHello =
    "S: 220 mx.example.org ESMTP Posthouse\n"
    "C: EHLO x.example\n"
    "S: 250-mx.example.org\n"
    "S: 250-PIPELINING\n"
    "S: 250-SIZE 1000\n"
    "S: 250-8BITMIME\n"
    "S: 250-SMTPUTF8\n"
    "S: 250 ENHANCEDSTATUSCODES\n";
const std::string kBye =
    "C: QUIT\n"
    "S: 221 2.0.0 Bye\n";

}  // namespace

SCENARIO("recipients are judged one by one", "[smtpd]") {
  World world;
  const std::string script = kHello +
                             "C: MAIL FROM:<carol@x.example>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<alice@example.org>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: RCPT TO:<eve@example.org>\n"
                             "S: 550 5.1.1 No such mailbox (session s1)\n"
                             "C: RCPT TO:<eve@elsewhere.example>\n"
                             "S: 550 5.7.1 We do not relay (session s1)\n"
                             "C: RCPT TO:<Postmaster>\n"
                             "S: 250 2.1.5 OK\n" +
                             kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("a mail is delivered in the session", "[smtpd]") {
  World world;
  const std::string script = kHello +
                             "C: MAIL FROM:<carol@x.example> SIZE=100 BODY=8BITMIME\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<alice@example.org>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: DATA\n"
                             "S: 354 End data with <CR><LF>.<CR><LF>\n"
                             "C: Subject: hi\n"
                             "C: \n"
                             "C: ..dots\n"
                             "C: .\n"
                             "S: 250 2.0.0 queued as 0000000000001\n" +
                             kBye;
  CHECK(world.play(script) == script);
  REQUIRE(world.delivery.delivered.size() == 1);
  CHECK(world.delivery.delivered[0].address == "alice@example.org");
  CHECK(world.delivery.delivered[0].message ==
        "Received: from x.example ([192.0.2.1])\r\n"
        "\tby mx.example.org with ESMTP id 0000000000001\r\n"
        "\tfor <alice@example.org>;\r\n"
        "\tThu, 01 Jan 1970 00:00:00 +0000\r\n"
        "Subject: hi\r\n\r\n.dots\r\n");
  CHECK(world.filter.checked == std::vector<std::string>{"Subject: hi\r\n\r\n.dots\r\n"});
  CHECK(world.queue.queued.empty());
}

SCENARIO("commands that come together are answered in order", "[smtpd]") {
  World world;
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: HELO x.example\n"
      "C: MAIL FROM:<>\n"
      "C: RCPT TO:<alice@example.org>\n"
      "C: RCPT TO:<eve@example.org>\n"
      "C: DATA\n"
      "S: 250 mx.example.org\n"
      "S: 250 2.1.0 OK\n"
      "S: 250 2.1.5 OK\n"
      "S: 550 5.1.1 No such mailbox (session s1)\n"
      "S: 354 End data with <CR><LF>.<CR><LF>\n"
      "C: a\n"
      "C: .\n"
      "C: NOOP\n"
      "C: QUIT\n"
      "S: 250 2.0.0 queued as 0000000000001\n"
      "S: 250 2.0.0 OK\n"
      "S: 221 2.0.0 Bye\n";
  CHECK(world.play(script) == script);
}

SCENARIO("commands have an order", "[smtpd]") {
  World world;
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: MAIL FROM:<a@x>\n"
      "S: 503 5.5.1 EHLO comes first (session s1)\n"
      "C: HELO x.example\n"
      "S: 250 mx.example.org\n"
      "C: RCPT TO:<alice@example.org>\n"
      "S: 503 5.5.1 MAIL comes first (session s1)\n"
      "C: DATA\n"
      "S: 503 5.5.1 MAIL comes first (session s1)\n"
      "C: MAIL FROM:<a@x>\n"
      "S: 250 2.1.0 OK\n"
      "C: MAIL FROM:<a@x>\n"
      "S: 503 5.5.1 A mail transaction has begun already (session s1)\n"
      "C: DATA\n"
      "S: 554 5.5.1 No valid recipients (session s1)\n"
      "C: RSET\n"
      "S: 250 2.0.0 OK\n"
      "C: RCPT TO:<alice@example.org>\n"
      "S: 503 5.5.1 MAIL comes first (session s1)\n" +
      kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("commands beside mail are answered", "[smtpd]") {
  World world;
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: NOOP\n"
      "S: 250 2.0.0 OK\n"
      "C: VRFY alice\n"
      "S: 252 2.5.0 Send some mail, we shall try to deliver it\n"
      "C: EXPN staff\n"
      "S: 502 5.5.1 Lists are not expanded (session s1)\n"
      "C: HELP\n"
      "S: 214 2.0.0 HELO EHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT STARTTLS AUTH\n"
      "C: LHLO x.example\n"
      "S: 500 5.5.1 Command not recognized: this is SMTP (session s1)\n"
      "C: BDAT 3 LAST\n"
      "S: 500 5.5.1 Command not recognized (session s1)\n"
      "C: AUTH PLAIN\n"
      "S: 502 5.5.1 Nobody logs in here (session s1)\n"
      "C: STARTTLS\n"
      "S: 502 5.5.1 No TLS here (session s1)\n" +
      kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("bad bytes get an error and the session goes on", "[smtpd]") {
  World world;
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C* NO\\0OP\\r\\n\n"
      "S: 500 5.5.2 Control character in a command (session s1)\n"
      "C* NOOP \\xff\\r\\n\n"
      "S: 500 5.5.2 Neither ASCII nor UTF-8 (session s1)\n"
      "C* NOOP\\nQUIT\\r\\n\n"
      "S: 500 5.5.2 Control character in a command (session s1)\n"
      "C: NOOP " +
      std::string(2050, 'x') +
      "\n"
      "S: 500 5.5.6 Line too long (session s1)\n" +
      kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("while others fill the memory for mail, a large one is to come later and a small one is taken", "[smtpd]") {
  World world;
  world.config.maxMessageSize = 1'000'000;
  MemoryShare others(world.memory);
  REQUIRE(others.grow(256 * 1024 * 1024));
  const std::string begin =
      "C: MAIL FROM:<a@x>\n"
      "S: 250 2.1.0 OK\n"
      "C: RCPT TO:<alice@example.org>\n"
      "S: 250 2.1.5 OK\n"
      "C: DATA\n"
      "S: 354 End data with <CR><LF>.<CR><LF>\n";
  std::string large;
  for (int i = 0; i < 400; ++i) large += "C: " + std::string(900, 'x') + "\n";
  const std::string script = kHello + begin + large +
                             "C: .\n"
                             "S: 452 4.3.1 Too much mail at once, try again later [0000000000001] (session s1)\n" +
                             begin + "C: Subject: small\nC: .\nS: 250 2.0.0 OK, queued as 0000000000002\n" + kBye;
  const std::string played = world.play(script);
  CHECK_THAT(played,
             Catch::Contains("S: 452 4.3.1 Too much mail at once, try again later [0000000000001] (session s1)"));
  CHECK_THAT(played, Catch::Contains("S: 250 2.0.0"));
}

SCENARIO("commands that lead to no mail come to an end, except for those of this machine", "[smtpd]") {
  World world;
  world.config.clientPolicy.limits.idleCommands = 3;
  const std::string noop = "C: NOOP\nS: 250 2.0.0 OK\n";
  const std::string script =
      kHello + noop +
      "C: RSET\nS: 250 2.0.0 OK\nC: VRFY a\nS: 421 4.7.0 Too many commands without a mail (session s1)\n";
  CHECK(world.play(script) == script);
  const std::string endless = kHello + noop + noop + noop + noop + kBye;
  CHECK(world.play(endless, world.mx, {"127.0.0.1", 40000, ""}) == endless);
}

SCENARIO("what is too large is refused at MAIL if it is announced, else at the end of the data", "[smtpd]") {
  World world;
  const std::string script = kHello +
                             "C: MAIL FROM:<a@x> SIZE=1001\n"
                             "S: 552 5.3.4 Message larger than the server takes (session s1)\n"
                             "C: MAIL FROM:<a@x>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<alice@example.org>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: DATA\n"
                             "S: 354 End data with <CR><LF>.<CR><LF>\n"
                             "C: " +
                             std::string(600, 'x') +
                             "\n"
                             "C: " +
                             std::string(600, 'x') +
                             "\n"
                             "C: .\n"
                             "S: 552 5.3.4 Message larger than the server takes [0000000000001] (session s1)\n" +
                             kBye;
  CHECK(world.play(script) == script);
  CHECK(world.delivery.delivered.empty());
}

SCENARIO("a header that is too large is refused", "[smtpd]") {
  World world;
  world.config.maxHeaderSize = 20;
  const std::string begin =
      "C: MAIL FROM:<a@x>\n"
      "S: 250 2.1.0 OK\n"
      "C: RCPT TO:<alice@example.org>\n"
      "S: 250 2.1.5 OK\n"
      "C: DATA\n"
      "S: 354 End data with <CR><LF>.<CR><LF>\n";
  const std::string script = kHello + begin +
                             "C: Subject: 678901234\n"
                             "C: \n"
                             "C: .\n"
                             "S: 552 5.3.4 Header larger than the server takes [0000000000001] (session s1)\n" +
                             begin +
                             "C: Subject: 6789\n"
                             "C: \n"
                             "C: A body of more than twenty octets.\n"
                             "C: .\n"
                             "S: 250 2.0.0 queued as 0000000000002\n" +
                             kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("nothing but CRLF . CRLF ends a mail, and mail with bare line ends is refused", "[smtpd]") {
  const std::string end =
      GENERATE(as<std::string>(), "\\n.\\n", "\\r.\\r", "\\n.\\r\\n", "\\r\\n.\\n", "\\r.\\r\\n", "\\r\\n.\\r");
  World world;
  const std::string script = kHello +
                             "C: MAIL FROM:<a@x>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<alice@example.org>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: DATA\n"
                             "S: 354 End data with <CR><LF>.<CR><LF>\n"
                             "C* Subject: hi\\r\\n\\r\\nfirst" +
                             end +
                             "MAIL FROM:<evil@x>\\r\\nRCPT TO:<alice@example.org>\\r\\n\n"
                             "C: .\n"
                             "S: 550 5.6.11 Message has a bare CR or LF [0000000000001] (session s1)\n" +
                             kBye;
  CAPTURE(end);
  CHECK(world.play(script) == script);
  CHECK(world.delivery.delivered.empty());
  CHECK(world.queue.queued.empty());
}

SCENARIO("a NUL in a mail is refused, eight bits are not", "[smtpd]") {
  World world;
  const std::string begin =
      "C: MAIL FROM:<a@x>\n"
      "S: 250 2.1.0 OK\n"
      "C: RCPT TO:<alice@example.org>\n"
      "S: 250 2.1.5 OK\n"
      "C: DATA\n"
      "S: 354 End data with <CR><LF>.<CR><LF>\n";
  const std::string script = kHello + begin +
                             "C* a\\0b\\r\\n.\\r\\n\n"
                             "S: 550 5.6.0 Message has a NUL octet [0000000000001] (session s1)\n" +
                             begin +
                             "C* a\\xc3\\xbcb\\r\\n.\\r\\n\n"
                             "S: 250 2.0.0 queued as 0000000000002\n" +
                             kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("recipients have a limit", "[smtpd]") {
  World world;
  world.config.maxRecipients = 1;
  const std::string script = kHello +
                             "C: MAIL FROM:<a@x>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<alice@example.org>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: RCPT TO:<bob@example.org>\n"
                             "S: 452 4.5.3 Too many recipients (session s1)\n" +
                             kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("too many errors end the session", "[smtpd]") {
  World world;
  world.config.maxErrors = 1;
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: X\n"
      "S: 500 5.5.1 Command not recognized (session s1)\n"
      "C: X\n"
      "S: 500 5.5.1 Command not recognized (session s1)\n"
      "S: 421 4.7.0 Too many errors (session s1)\n";
  CHECK(world.play(script) == script);
}

SCENARIO("an address beyond ASCII wants SMTPUTF8", "[smtpd]") {
  World world;
  world.directory.add("b\xC3\xBC@example.org", 3);
  const std::string script = kHello +
                             "C: MAIL FROM:<a@x>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<b\xC3\xBC@example.org>\n"
                             "S: 553 5.6.7 An address beyond ASCII wants SMTPUTF8 (session s1)\n"
                             "C: RSET\n"
                             "S: 250 2.0.0 OK\n"
                             "C: MAIL FROM:<\xC3\xBC@x> SMTPUTF8\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<b\xC3\xBC@example.org>\n"
                             "S: 250 2.1.5 OK\n" +
                             kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("nobody is told that an address does not exist while the directory is away", "[smtpd]") {
  World world;
  world.directory.away = true;
  const std::string script = kHello +
                             "C: MAIL FROM:<a@x>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<eve@example.org>\n"
                             "S: 451 4.3.0 Cannot check addresses now (session s1)\n" +
                             kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("STARTTLS with commands behind it is refused", "[smtpd]") {
  World world;
  world.offersTls = true;
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: STARTTLS\n"
      "C: NOOP\n"
      "S: 503 5.5.1 Nothing may follow STARTTLS before its reply (session s1)\n"
      "S: 250 2.0.0 OK\n" +
      kBye;
  CHECK(world.play(script) == script);
}

SCENARIO("a shutdown is heard between mails", "[smtpd]") {
  World world;
  world.stop.request_stop();
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "S: 421 4.3.2 Shutting down (session s1)\n";
  CHECK(world.play(script) == script);
}

SCENARIO("a client that leaves in the middle leaves nothing behind", "[smtpd]") {
  World world;
  const std::string script = kHello +
                             "C: MAIL FROM:<a@x>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<alice@example.org>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: DATA\n"
                             "S: 354 End data with <CR><LF>.<CR><LF>\n"
                             "C: half a mail\n";
  CHECK(world.play(script) == script);
  CHECK(world.delivery.delivered.empty());
  CHECK(world.queue.queued.empty());
}
