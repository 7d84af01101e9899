#include <catch2/catch.hpp>

#include "support/series.h"
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
    "S: 250-ENHANCEDSTATUSCODES\n"
    "S: 250 AUTH PLAIN LOGIN\n";
const std::string kLogin =
    "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"
    "S: 235 2.7.0 Authentication succeeded\n";
const std::string kBye =
    "C: QUIT\n"
    "S: 221 2.0.0 Bye\n";

}  // namespace

SCENARIO("whoever needs an app password is told so, with the right password only", "[smtpd]") {
  World world;
  world.authenticator.wantsAppPassword = true;
  const std::string script = kHello +
                             "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHdyb25n\n"
                             "S: 535 5.7.8 Authentication credentials invalid (session s1)\n"
                             "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"
                             "S: 534 5.7.9 This account logs in by app password here (session s1)\n" +
                             kBye;
  CHECK(world.submit(script) == script);
  CHECK(test::logins(world.registry, "submission", "PLAIN", "needs_app_password") == 1);
}

SCENARIO("submission wants a login", "[smtpd]") {
  World world;
  const std::string script = kHello +
                             "C: MAIL FROM:<alice@example.org>\n"
                             "S: 530 5.7.0 Authentication required (session s1)\n"
                             "C: AUTH CRAM-MD5\n"
                             "S: 504 5.5.4 Mechanism not supported (session s1)\n"
                             "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHdyb25n\n"
                             "S: 535 5.7.8 Authentication credentials invalid (session s1)\n"
                             "C: AUTH PLAIN\n"
                             "S: 334 \n"
                             "C: *\n"
                             "S: 501 5.7.0 Authentication cancelled (session s1)\n"
                             "C: AUTH PLAIN\n"
                             "S: 334 \n"
                             "C: =AAA\n"
                             "S: 501 5.5.2 Not base 64 (session s1)\n"
                             "C: AUTH PLAIN YQ==\n"
                             "S: 501 5.5.2 not a message of PLAIN (session s1)\n"
                             "C: AUTH LOGIN\n"
                             "S: 334 VXNlcm5hbWU6\n"
                             "C: YWxpY2VAZXhhbXBsZS5vcmc=\n"
                             "S: 334 UGFzc3dvcmQ6\n"
                             "C: c2VjcmV0\n"
                             "S: 235 2.7.0 Authentication succeeded\n" +
                             kLogin.substr(0, kLogin.find("S:")) +
                             "S: 503 5.5.1 Logged in already (session s1)\n"
                             "C: MAIL FROM:<alice@example.org> AUTH=<>\n"
                             "S: 250 2.1.0 OK\n" +
                             kBye;
  CHECK(world.submit(script) == script);
  CHECK(test::logins(world.registry, "submission", "PLAIN", "bad_password") == 1);
  CHECK(test::logins(world.registry, "submission", "PLAIN", "error") == 1);
  CHECK(test::logins(world.registry, "submission", "LOGIN", "ok") == 1);
}

SCENARIO("a line of an exchange that is too long fails it", "[smtpd]") {
  World world;
  const std::string script = kHello +
                             "C: AUTH PLAIN\n"
                             "S: 334 \n"
                             "C: " +
                             std::string(12300, 'A') +
                             "\n"
                             "S: 500 5.5.6 Authentication exchange line is too long (session s1)\n" +
                             kLogin + kBye;
  CHECK(world.submit(script) == script);
}

SCENARIO("nobody logs in on an unprotected connection", "[smtpd]") {
  World world;
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: EHLO x.example\n"
      "S: 250-mx.example.org\n"
      "S: 250-PIPELINING\n"
      "S: 250-SIZE 1000\n"
      "S: 250-8BITMIME\n"
      "S: 250-SMTPUTF8\n"
      "S: 250 ENHANCEDSTATUSCODES\n"
      "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"
      "S: 538 5.7.11 Encryption required: STARTTLS comes first (session s1)\n" +
      kBye;
  CHECK(world.play(script, world.submission, {"192.0.2.1", 40000, ""}) == script);
}

SCENARIO("a login in the clear does not last into TLS", "[smtpd]") {
  World world;
  world.offersTls = true;
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: EHLO x.example\n"
      "S: 250-mx.example.org\n"
      "S: 250-PIPELINING\n"
      "S: 250-SIZE 1000\n"
      "S: 250-8BITMIME\n"
      "S: 250-SMTPUTF8\n"
      "S: 250-ENHANCEDSTATUSCODES\n"
      "S: 250-STARTTLS\n"
      "S: 250 AUTH PLAIN LOGIN\n" +
      kLogin +
      "C: STARTTLS\n"
      "S: 503 5.5.1 TLS comes before logging in (session s1)\n" +
      kBye;
  CHECK(world.submit(script) == script);
}

SCENARIO("accountd being away is no wrong password", "[smtpd]") {
  World world;
  world.authenticator.away = true;
  const std::string script = kHello +
                             "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"
                             "S: 454 4.7.0 Temporary authentication failure (session s1)\n" +
                             kBye;
  CHECK(world.submit(script) == script);
}

SCENARIO("a sender's address is their own", "[smtpd]") {
  World world;
  world.directory.known["sales@example.org"] = {.result = directory::Resolution::Result::found,
                                                .accounts = {{1, "alice@example.org"}, {2, "bob@example.org"}},
                                                .remoteAddresses = {}};
  const std::string script = kHello + kLogin +
                             "C: MAIL FROM:<bob@example.org>\n"
                             "S: 553 5.7.1 bob@example.org is not yours: send from your own address, or ask to be "
                             "allowed this one (session s1)\n"
                             "C: MAIL FROM:<alice@elsewhere.example>\n"
                             "S: 553 5.7.1 alice@elsewhere.example is not yours: send from your own address, or ask to "
                             "be allowed this one (session s1)\n"
                             "C: MAIL FROM:<sales@example.org>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RSET\n"
                             "S: 250 2.0.0 OK\n"
                             "C: MAIL FROM:<>\n"
                             "S: 250 2.1.0 OK\n" +
                             kBye;
  CHECK(world.submit(script) == script);
}

SCENARIO("a group may be for its members alone", "[smtpd]") {
  World world;
  world.directory.known["board@example.org"] = {.result = directory::Resolution::Result::found,
                                                .accounts = {{1, "alice@example.org"}, {2, "bob@example.org"}},
                                                .remoteAddresses = {},
                                                .membersOnly = true,
                                                .permittedSenders = {1, 2}};
  world.directory.known["others@example.org"] = {.result = directory::Resolution::Result::found,
                                                 .accounts = {{2, "bob@example.org"}},
                                                 .remoteAddresses = {},
                                                 .membersOnly = true,
                                                 .permittedSenders = {2}};
  const std::string script = kHello + kLogin +
                             "C: MAIL FROM:<alice@example.org>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<board@example.org>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: RCPT TO:<others@example.org>\n"
                             "S: 550 5.7.1 Only members of the group may send to it (session s1)\n" +
                             kBye;
  CHECK(world.submit(script) == script);
}

SCENARIO("what is submitted gets the fields that it lacks, and goes to anybody", "[smtpd]") {
  World world;
  const std::string script = kHello + kLogin +
                             "C: MAIL FROM:<alice@example.org>\n"
                             "S: 250 2.1.0 OK\n"
                             "C: RCPT TO:<eve@elsewhere.example>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: RCPT TO:<bob@example.org>\n"
                             "S: 250 2.1.5 OK\n"
                             "C: DATA\n"
                             "S: 354 End data with <CR><LF>.<CR><LF>\n"
                             "C: Subject: hi\n"
                             "C: Bcc: eve@elsewhere.example\n"
                             "C: \n"
                             "C: text\n"
                             "C: .\n"
                             "S: 250 2.0.0 queued as 0000000000001\n" +
                             kBye;
  CHECK(world.submit(script) == script);
  CHECK(world.delivery.delivered.empty());  // with a remote recipient the mail is queued whole
  CHECK(world.queue.queued ==
        std::vector<std::string>{"eve@elsewhere.example < eve@elsewhere.example", "bob@example.org < bob@example.org"});
  CHECK(world.queue.message ==
        "Received: from x.example ([127.0.0.1])\r\n"
        "\tby mx.example.org with ESMTPA id 0000000000001;\r\n"
        "\tThu, 01 Jan 1970 00:00:00 +0000\r\n"
        "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"
        "Message-ID: <0000000000001@mx.example.org>\r\n"
        "Subject: hi\r\nBcc: eve@elsewhere.example\r\n\r\ntext\r\n");
}

SCENARIO("a network of ours relays without a login", "[smtpd]") {
  World world;
  world.config.relayNetworks.push_back(*net::Network::parse("192.0.2.0/24"));
  const std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: HELO x.example\n"
      "S: 250 mx.example.org\n"
      "C: MAIL FROM:<printer@elsewhere.example>\n"
      "S: 250 2.1.0 OK\n"
      "C: RCPT TO:<eve@elsewhere.example>\n"
      "S: 250 2.1.5 OK\n" +
      kBye;
  CHECK(world.play(script) == script);
  CHECK(world.play(script, world.submission, {"192.0.2.1", 40000, ""}) == script);
}
