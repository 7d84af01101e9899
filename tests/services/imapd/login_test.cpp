#include <catch2/catch.hpp>

#include "house.h"
#include "support/series.h"

using namespace posthouse;
using namespace posthouse::imapd;

TEST_CASE("capabilities grow with the login", "[imapd]") {
  House house;
  const std::string script =
      kLogin +
      "C: b CAPABILITY\n"
      "S: * CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE SPECIAL-USE CHILDREN UIDPLUS MOVE UNSELECT\n"
      "S: b OK CAPABILITY completed\n"
      "C: c LOGIN alice secret\n"
      "S: c BAD You are logged in already\n"
      "C: d LOGOUT\n"
      "S: * BYE Logging out\n"
      "S: d OK LOGOUT completed\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("AUTHENTICATE PLAIN with and without an initial response", "[imapd]") {
  House house;
  const std::string welcome =
      "OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE SPECIAL-USE CHILDREN UIDPLUS MOVE UNSELECT] Logged "
      "in\n";
  const std::string direct = kGreeting +
                             "C: a AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\n"
                             "S: a " +
                             welcome;
  CHECK(house.play(direct) == direct);
  CHECK(test::logins(house.registry, "imap", "PLAIN", "ok") == 1);
  const std::string asked = kGreeting +
                            "C: a AUTHENTICATE PLAIN\n"
                            "S: + \n"
                            "C: *\n"
                            "S: a BAD AUTHENTICATE cancelled\n"
                            "C: b AUTHENTICATE PLAIN\n"
                            "S: + \n"
                            "C: !!!\n"
                            "S: b BAD The response is not base 64\n"
                            "C: c AUTHENTICATE GSSAPI\n"
                            "S: c NO [CANNOT] No such mechanism\n"
                            "C: d AUTHENTICATE PLAIN\n"
                            "S: + \n"
                            "C: AGFsaWNlAHNlY3JldA==\n"
                            "S: d " +
                            welcome;
  CHECK(house.play(asked) == asked);
}

TEST_CASE("a name and password may come as literals of both kinds", "[imapd]") {
  House house;
  const std::string script = kGreeting +
                             "C: a LOGIN {5}\n"
                             "S: + Ready for the literal\n"
                             "C: alice {6+}\n"
                             "C: secret\n"
                             "S: a OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE SPECIAL-USE CHILDREN "
                             "UIDPLUS MOVE UNSELECT] Logged in\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("whoever needs an app password is told so, with the right password only", "[imapd]") {
  House house;
  house.authenticator.wantsAppPassword = true;
  const std::string script = kGreeting +
                             "C: a LOGIN alice wrong\n"
                             "S: a NO [AUTHENTICATIONFAILED] Wrong name or password\n"
                             "C: b LOGIN alice secret\n"
                             "S: b NO [ALERT] This account logs in by app password here\n"
                             "C: c AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\n"
                             "S: * BYE Too many failed logins\n"
                             "S: c NO [ALERT] This account logs in by app password here\n";
  CHECK(house.play(script) == script);
  CHECK(test::logins(house.registry, "imap", "LOGIN", "needs_app_password") == 1);
}

TEST_CASE("wrong passwords are refused, a few times", "[imapd]") {
  House house;
  const std::string script = kGreeting +
                             "C: a LOGIN alice wrong\n"
                             "S: a NO [AUTHENTICATIONFAILED] Wrong name or password\n"
                             "C: b LOGIN mallory x\n"
                             "S: b NO [CONTACTADMIN] The account is disabled\n"
                             "C: c LOGIN eve secret\n"
                             "S: * BYE Too many failed logins\n"
                             "S: c NO [AUTHENTICATIONFAILED] Wrong name or password\n";
  CHECK(house.play(script) == script);
  CHECK(test::logins(house.registry, "imap", "LOGIN", "bad_password") == 2);
  CHECK(test::logins(house.registry, "imap", "LOGIN", "disabled") == 1);
}

TEST_CASE("while accountd is away nobody is told that a password is wrong", "[imapd]") {
  House house;
  house.authenticator.away = true;
  const std::string script = kGreeting +
                             "C: a LOGIN alice secret\n"
                             "S: a NO [UNAVAILABLE] Logins cannot be checked now, try again later\n";
  CHECK(house.play(script) == script);
  CHECK(test::logins(house.registry, "imap", "LOGIN", "error") == 1);
}

TEST_CASE("from elsewhere without TLS nobody logs in", "[imapd]") {
  House house;
  house.peer = {"192.0.2.1", 40000, ""};
  const std::string script =
      "S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE SASL-IR LOGINDISABLED] mail.test ready\n"
      "C: a LOGIN alice secret\n"
      "S: a NO [PRIVACYREQUIRED] TLS first\n"
      "C: b AUTHENTICATE PLAIN\n"
      "S: b NO [PRIVACYREQUIRED] TLS first\n"
      "C: c STARTTLS\n"
      "S: c BAD TLS is not offered here\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("commands before their time are BAD, and too many of them end the session", "[imapd]") {
  House house;
  house.config.maxBadCommands = 4;
  const std::string script = kGreeting +
                             "C: a SELECT INBOX\n"
                             "S: a BAD Log in first\n"
                             "C: b XYZZY\n"
                             "S: b BAD unknown command\n"
                             "C: \n"
                             "S: * BAD expected a tag\n"
                             "C: d APPEND INBOX {3}\n"
                             "S: * BYE Too many bad commands\n"
                             "S: d BAD Log in first\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("a command that is understood forgives the bad ones before it", "[imapd]") {
  House house;
  house.config.maxBadCommands = 2;
  const std::string script = kGreeting +
                             "C: a XYZZY\n"
                             "S: a BAD unknown command\n"
                             "C: b NOOP\n"
                             "S: b OK NOOP completed\n"
                             "C: c XYZZY\n"
                             "S: c BAD unknown command\n"
                             "C: d NOOP\n"
                             "S: d OK NOOP completed\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("an APPEND with a wrong date or flag is told what is wrong", "[imapd]") {
  House house;
  const std::string script = kGreeting +
                             "C: a APPEND x \"32-Feb-2022 00:00:00 +0000\" {3+}\n"
                             "C: abc\n"
                             "S: a BAD no such day\n"
                             "C: b APPEND x (\\Recent) {3}\n"
                             "S: + Ready for the literal\n"
                             "C: abc\n"
                             "S: b BAD \\Recent is no flag that a client can set\n"
                             "C: c APPEND x abc\n"
                             "S: c BAD expected '{'\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("literals and commands past their limits are refused and the session goes on", "[imapd]") {
  House house;
  house.config.maxCommand = 100;
  const std::string script =
      kGreeting +
      "C: a LOGIN {101}\n"
      "S: a NO [TOOBIG] The literal is too big\n"
      "C: b LOGIN {101+}\n"
      "C: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789X y\n"
      "S: b NO [TOOBIG] The literal is too big\n"
      "C: c NOOP\n"
      "S: c OK NOOP completed\n"
      "C: d LOGIN {99999999999+}\n"
      "S: * BYE [TOOBIG] The literal is too big\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("a line that does not end is the end", "[imapd]") {
  House house;
  house.config.maxCommand = 100;
  const std::string script =
      kGreeting + "C: a NOOP " + std::string(200, 'x') + "\n" + "S: * BYE [TOOBIG] Line too long\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("ID, NAMESPACE and ENABLE", "[imapd]") {
  House house;
  const std::string script = kLogin +
                             "C: b ID (\"name\" \"test\")\n"
                             "S: * ID (\"name\" \"Posthouse\")\n"
                             "S: b OK ID completed\n"
                             "C: c NAMESPACE\n"
                             "S: * NAMESPACE ((\"\" \"/\")) NIL NIL\n"
                             "S: c OK NAMESPACE completed\n"
                             "C: d ENABLE CONDSTORE\n"
                             "S: * ENABLED\n"
                             "S: d OK ENABLE completed\n"
                             "C: e CLOSE\n"
                             "S: e BAD Select a mailbox first\n";
  CHECK(house.play(script) == script);
}

TEST_CASE("commands without a login come to an end, except for those of this machine", "[imapd]") {
  House house;
  house.config.clients.limits.idleCommands = 2;
  const std::string noops =
      "C: a NOOP\n"
      "S: a OK NOOP completed\n"
      "C: b NOOP\n"
      "S: b OK NOOP completed\n";
  const std::string script =
      "S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE SASL-IR LOGINDISABLED] mail.test ready\n" + noops +
      "C: c NOOP\n"
      "S: * BYE Too many commands without a login\n";
  house.peer = {"192.0.2.1", 40000, ""};
  CHECK(house.play(script) == script);
  house.peer = {"127.0.0.1", 40000, ""};
  CHECK_THAT(house.play(kGreeting + noops + "C: c NOOP\nS: c OK NOOP completed\n"),
             Catch::EndsWith("S: c OK NOOP completed\n"));
}

TEST_CASE("while others fill the memory for APPEND, a message is not asked for", "[imapd]") {
  FurnishedHouse furnished;
  House& house = furnished.house;
  MemoryShare others(house.services.appendMemory);
  REQUIRE(others.grow(house.config.appendMemory));
  const std::string script =
      "C: a APPEND INBOX {100000}\n"
      "S: a NO [LIMIT] Too many messages are being stored now, try again\n"
      "C: b NOOP\n"
      "S: b OK NOOP completed\n";
  CHECK(furnished.play(script) == script);
  const std::string pushed = "C: a APPEND INBOX {100000+}\nC: " + std::string(99'998, 'x') + "\nC: \n";
  CHECK_THAT(furnished.play(pushed),
             Catch::EndsWith("S: a NO [LIMIT] Too many messages are being stored now, try again\n"));
}

TEST_CASE("an account has so many connections, those from this machine not among them", "[imapd]") {
  House house;
  house.config.clients.limits.connectionsPerAccount = 1;
  house.config.clients.plaintextNetworks = {*net::Network::parse("192.0.2.0/24")};
  const Watch other(house.watchers, house.alice);
  const std::string script = kGreeting +
                             "C: a LOGIN alice secret\n"
                             "S: a NO [LIMIT] Too many connections of this account\n";
  house.peer = {"192.0.2.1", 40000, ""};
  CHECK(house.play(script) == script);
  house.peer = {"127.0.0.1", 40000, ""};
  CHECK_THAT(house.play(kLogin), Catch::EndsWith("Logged in\n"));
}
