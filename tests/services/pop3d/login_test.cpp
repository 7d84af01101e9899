#include <catch2/catch.hpp>

#include "base/base64.h"
#include "play.h"
#include "support/series.h"

using namespace posthouse;
using namespace posthouse::pop3d;

namespace {

const std::string kNoMail = "S: +OK Maildrop has 0 messages (0 octets)\nC: QUIT\nS: +OK Bye, 0 messages deleted\n";

}  // namespace

SCENARIO("AUTH PLAIN, the examples of RFC 5034 section 6", "[pop3d]") {
  Stage stage;
  // NUL alice@example.org NUL secret
  const std::string response = "AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==";
  SECTION("with the initial response") {
    const std::string script = kGreeting + "C: AUTH PLAIN " + response + "\n" + kNoMail;
    CHECK(stage.play(script) == script);
  }
  SECTION("without") {
    const std::string script = kGreeting + "C: AUTH PLAIN\nS: + \nC: " + response + "\n" + kNoMail;
    CHECK(stage.play(script) == script);
  }
  SECTION("a name of either case") {
    const std::string script = kGreeting + "C: auth plain " + response + "\n" + kNoMail;
    CHECK(stage.play(script) == script);
  }
}

SCENARIO("AUTH LOGIN asks for the name and the password", "[pop3d]") {
  Stage stage;
  const std::string script = kGreeting +
                             "C: AUTH LOGIN\n"
                             "S: + VXNlcm5hbWU6\n"
                             "C: YWxpY2VAZXhhbXBsZS5vcmc=\n"
                             "S: + UGFzc3dvcmQ6\n"
                             "C: c2VjcmV0\n" +
                             kNoMail;
  CHECK(stage.play(script) == script);
}

SCENARIO("AUTH that goes wrong leaves the session as it was", "[pop3d]") {
  Stage stage;
  stage.config.maxSaslLength = 100;
  const std::string script = kGreeting +
                             "C: AUTH\n"
                             "S: +OK Mechanisms follow\n"
                             "S: PLAIN\n"
                             "S: LOGIN\n"
                             "S: .\n"
                             "C: AUTH GSSAPI\n"
                             "S: -ERR No such mechanism\n"
                             "C: AUTH PLAIN\n"
                             "S: + \n"
                             "C: *\n"
                             "S: -ERR Cancelled\n"
                             "C: AUTH PLAIN !!!\n"
                             "S: -ERR That is not base 64\n"
                             "C: AUTH PLAIN\n"
                             "S: + \n"
                             "C: " +
                             std::string(200, 'A') + "\n" +
                             "S: -ERR Line too long\n"
                             "C: AUTH PLAIN Ym9iAGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"
                             "S: -ERR [AUTH] You may not act as that user (session ID)\n"
                             "C: QUIT\n"
                             "S: +OK Bye\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("an initial response may be longer than other commands", "[pop3d]") {
  Stage stage;
  stage.authenticator.password = std::string(3000, 'a');  // as long as tokens are
  const std::string response = base64::encode(std::string("\0alice@example.org\0", 19) + stage.authenticator.password);
  const std::string script = kGreeting + "C: USER " + std::string(3000, 'x') +
                             "\nS: -ERR Line too long\n"
                             "C: auth plain " +
                             std::string(13'000, 'A') +
                             "\nS: -ERR Line too long\n"
                             "C: auth plain " +
                             response +
                             "\nS: +OK Maildrop has 0 messages (0 octets)\n"
                             "C: AUTH PLAIN " +
                             response + "\nS: -ERR Line too long\nC: QUIT\nS: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("a wrong password says no more than that", "[pop3d]") {
  Stage stage;
  const std::string script = kGreeting +
                             "C: PASS secret\n"
                             "S: -ERR USER comes first\n"
                             "C: USER nobody@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS secret\n"
                             "S: -ERR [AUTH] Wrong name or password (session ID)\n"
                             "C: PASS secret\n"
                             "S: -ERR USER comes first\n"
                             "C: USER alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS wrong\n"
                             "S: -ERR [AUTH] Wrong name or password (session ID)\n"
                             "C: USER alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS wrong again\n"
                             "S: -ERR [AUTH] Wrong name or password (session ID)\n";
  THEN("and the third time ends the session") {
    CHECK(stage.play(script) == script);
    CHECK(test::logins(stage.registry, "pop3", "USER", "bad_password") == 3);
  }
}

SCENARIO("whoever needs an app password is told so, with the right password only", "[pop3d]") {
  Stage stage;
  stage.authenticator.wantsAppPassword = true;
  const std::string script = kGreeting +
                             "C: USER alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS wrong\n"
                             "S: -ERR [AUTH] Wrong name or password (session ID)\n"
                             "C: USER alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS secret\n"
                             "S: -ERR [AUTH] This account logs in by app password here (session ID)\n"
                             "C: QUIT\n"
                             "S: +OK Bye\n";
  CHECK(stage.play(script) == script);
  CHECK(test::logins(stage.registry, "pop3", "USER", "needs_app_password") == 1);
}

SCENARIO("a disabled account is told so", "[pop3d]") {
  Stage stage;
  stage.authenticator.disabledName = "alice@example.org";
  const std::string script = kGreeting +
                             "C: USER alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS secret\n"
                             "S: -ERR [AUTH] This account is disabled (session ID)\n"
                             "C: QUIT\n"
                             "S: +OK Bye\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("capabilities say what can be done now", "[pop3d]") {
  const std::string always =
      "C: CAPA\n"
      "S: +OK Capability list follows\n"
      "S: TOP\n"
      "S: UIDL\n"
      "S: RESP-CODES\n"
      "S: AUTH-RESP-CODE\n"
      "S: PIPELINING\n"
      "S: EXPIRE NEVER\n"
      "S: UTF8 USER\n"
      "S: LANG\n";
  const std::string passwords = "S: USER\nS: SASL PLAIN LOGIN\n";
  const std::string end = "S: IMPLEMENTATION Posthouse\nS: .\n";
  Stage stage;
  SECTION("on loopback") {
    const std::string script = kGreeting + always + passwords + end;
    CHECK(stage.play(script) == script);
  }
  SECTION("from elsewhere without TLS") {
    stage.peer.host = "192.0.2.1";
    const std::string script = kGreeting + always + end;
    CHECK(stage.play(script) == script);
  }
  SECTION("from a network that may") {
    stage.peer.host = "192.0.2.1";
    stage.config.clients.plaintextNetworks = {*net::Network::parse("192.0.2.0/24")};
    const std::string script = kGreeting + always + passwords + end;
    CHECK(stage.play(script) == script);
  }
}

SCENARIO("a password does not travel in the clear", "[pop3d]") {
  Stage stage;
  stage.peer.host = "192.0.2.1";
  const std::string script = kGreeting +
                             "C: USER alice@example.org\n"
                             "S: -ERR A password must not travel in the clear: connect with TLS\n"
                             "C: PASS secret\n"
                             "S: -ERR A password must not travel in the clear: connect with TLS\n"
                             "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"
                             "S: -ERR A password must not travel in the clear: connect with TLS\n"
                             "C: STLS\n"
                             "S: -ERR TLS is not offered here\n"
                             "C: QUIT\n"
                             "S: +OK Bye\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("commands without a login come to an end, and an account has so many connections", "[pop3d]") {
  Stage stage;
  stage.peer = {"192.0.2.1", 40000, ""};
  stage.config.clients.plaintextNetworks = {*net::Network::parse("192.0.2.0/24")};
  stage.config.clients.limits.idleCommands = 2;
  const std::string script =
      kGreeting +
      "C: USER a\nS: +OK Send the password\nC: USER alice@example.org\nS: +OK Send the password\n"
      "C: PASS secret\nS: -ERR Too many commands without a login\n";
  CHECK(stage.play(script) == script);
  stage.config.clients.limits = {.connectionsPerAccount = 1};
  stage.authenticator.identity.readOnly = true;  // others are alone anyway
  const AccountSessions::Place other(stage.accounts, stage.authenticator.identity.account);
  const std::string full = kGreeting +
                           "C: USER alice@example.org\nS: +OK Send the password\n"
                           "C: PASS secret\nS: -ERR [SYS/TEMP] Too many connections of this account\n";
  CHECK_THAT(stage.play(full), Catch::StartsWith(full));
  stage.peer = {"127.0.0.1", 40000, ""};
  CHECK_THAT(stage.play(full), Catch::Contains("+OK Maildrop"));
}

SCENARIO("a login that the store was not there for takes no connection away from the account", "[pop3d]") {
  Stage stage;
  stage.peer = {"192.0.2.1", 40000, ""};
  stage.config.clients.plaintextNetworks = {*net::Network::parse("192.0.2.0/24")};
  stage.config.clients.limits.connectionsPerAccount = 1;
  stage.store.away = true;
  const std::string once =
      "C: USER alice@example.org\nS: +OK Send the password\n"
      "C: PASS secret\n"
      "S: -ERR [SYS/TEMP] Temporary failure, please try again later (session ID)\n";
  const std::string script = kGreeting + once + once;
  CHECK(stage.play(script) == script);
}
