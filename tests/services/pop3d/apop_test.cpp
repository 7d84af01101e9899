// APOP, RFC 1939 §7: the transcript of its example, and what is not it.
#include <catch2/catch.hpp>

#include "play.h"
#include "support/series.h"

using namespace posthouse;
using namespace posthouse::pop3d;

namespace {

const std::string kTimestamp = "<1896.697170952@dbc.mtview.ca.us>";
const std::string kDigest = "c4c9334bac560ecc979e58001b3e22fb";  // of that and "tanstaaf"
const std::string kGreetingForApop = "S: +OK pop.example.org POP3 ready " + kTimestamp + "\n";
const std::string kQuit = "C: QUIT\nS: +OK Bye\n";
const std::string kRefused = "S: -ERR [AUTH] Wrong name or password (session ID)\n";

struct ApopStage : Stage {
  ApopStage() {
    timestamp = kTimestamp;
    authenticator.password = "tanstaaf";
  }
};

}  // namespace

SCENARIO("APOP lets in who knows the secret, the example of RFC 1939", "[pop3d]") {
  ApopStage stage;
  const std::string script = kGreetingForApop + "C: APOP alice@example.org " + kDigest +
                             "\nS: +OK Maildrop has 0 messages (0 octets)\n"
                             "C: APOP alice@example.org " +
                             kDigest +
                             "\nS: -ERR Only before logging in\n"
                             "C: QUIT\nS: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.authenticator.greeted == kTimestamp);
  CHECK(stage.authenticator.connection.protocol == "pop3");
  CHECK(test::logins(stage.registry, "pop3", "APOP", "ok") == 1);
}

SCENARIO("APOP works where a password may not travel, and nothing else does", "[pop3d]") {
  ApopStage stage;
  stage.peer.host = "192.0.2.1";
  const std::string script = kGreetingForApop +
                             "C: CAPA\n"
                             "S: +OK Capability list follows\n"
                             "S: TOP\nS: UIDL\nS: RESP-CODES\nS: AUTH-RESP-CODE\nS: PIPELINING\nS: EXPIRE NEVER\n"
                             "S: UTF8 USER\nS: LANG\n"
                             "S: IMPLEMENTATION Posthouse\nS: .\n"
                             "C: USER alice@example.org\n"
                             "S: -ERR A password must not travel in the clear: connect with TLS\n"
                             "C: APOP alice@example.org " +
                             kDigest +
                             "\nS: +OK Maildrop has 0 messages (0 octets)\n"
                             "C: QUIT\nS: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("APOP refuses a wrong digest and a stranger in the same words", "[pop3d]") {
  ApopStage stage;
  const std::string wrong(32, '0');
  const std::string script = kGreetingForApop + "C: APOP alice@example.org " + wrong + "\n" + kRefused +
                             "C: APOP nobody@example.org " + kDigest + "\n" + kRefused + "C: APOP alice@example.org " +
                             wrong + "\n" + kRefused;
  THEN("and the third time ends the session") {
    CHECK(stage.play(script) == script);
    CHECK(test::logins(stage.registry, "pop3", "APOP", "bad_password") == 3);
  }
}

SCENARIO("APOP waits while accountd is away", "[pop3d]") {
  ApopStage stage;
  stage.authenticator.away = true;
  const std::string script =
      kGreetingForApop + "C: APOP alice@example.org " + kDigest +
      "\nS: -ERR [SYS/TEMP] Logins cannot be checked now, please try again later (session ID)\n" + kQuit;
  CHECK(stage.play(script) == script);
}

SCENARIO("APOP does not come between USER and PASS", "[pop3d]") {
  ApopStage stage;
  const std::string script = kGreetingForApop +
                             "C: USER alice@example.org\nS: +OK Send the password\n"
                             "C: APOP alice@example.org " +
                             kDigest +
                             "\nS: -ERR After USER comes PASS\n"
                             "C: PASS tanstaaf\nS: -ERR USER comes first\n"
                             "C: APOP alice@example.org " +
                             kDigest +
                             "\nS: +OK Maildrop has 0 messages (0 octets)\n"
                             "C: QUIT\nS: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("a digest that is none is an error of form, and counts as one", "[pop3d]") {
  ApopStage stage;
  stage.config.maxErrors = 3;
  const std::string script = kGreetingForApop +
                             "C: APOP alice@example.org\nS: -ERR a name and a digest are wanted\n"
                             "C: APOP alice@example.org C4C9334BAC560ECC979E58001B3E22FB\n"
                             "S: -ERR a digest is 32 lower-case hexadecimal digits\n"
                             "C: APOP\nS: -ERR Too many errors\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("where a listener has no APOP, there is neither timestamp nor command", "[pop3d]") {
  Stage stage;
  const std::string script =
      kGreeting + "C: APOP alice@example.org " + kDigest + "\nS: -ERR APOP is not offered here\n" + kQuit;
  CHECK(stage.play(script) == script);
  CHECK(stage.authenticator.greeted.empty());
}
