// The examples of RFC 1939, in its words; ours are others, the form is the same.
#include <catch2/catch.hpp>

#include "example.h"

using namespace posthouse;
using namespace posthouse::pop3d;

namespace {

void checkExample(Stage& stage, const std::string& script) {
  CHECK(form(stage.play(script)) == form(script));
}

/// In the TRANSACTION state.
void checkLoggedIn(const std::string& script) {
  ExampleStage stage;
  checkExample(stage, kExampleLogin + script);
}

}  // namespace

TEST_CASE("RFC 1939 section 4, the greeting, and QUIT in the AUTHORIZATION state", "[pop3d]") {
  Stage stage;
  checkExample(stage,
               "S: +OK POP3 server ready\n"
               "C: QUIT\n"
               "S: +OK dewey POP3 server signing off\n");
}

TEST_CASE("RFC 1939 section 5, STAT", "[pop3d]") {
  checkLoggedIn(
      "C: STAT\n"
      "S: +OK 2 320\n");
}

TEST_CASE("RFC 1939 section 5, LIST", "[pop3d]") {
  checkLoggedIn(
      "C: LIST\n"
      "S: +OK 2 messages (320 octets)\n"
      "S: 1 120\n"
      "S: 2 200\n"
      "S: .\n"
      "C: LIST 2\n"
      "S: +OK 2 200\n"
      "C: LIST 3\n"
      "S: -ERR no such message, only 2 messages in maildrop\n");
}

TEST_CASE("RFC 1939 section 5, RETR", "[pop3d]") {
  checkLoggedIn(
      "C: RETR 1\n"
      "S: +OK 120 octets\n" +
      kFirstMessage + "S: .\n");
}

/// The second DELE is of a message that the first has deleted; the RFC's text has 2 by mistake (erratum 1107 has it
/// so).
TEST_CASE("RFC 1939 section 5, DELE", "[pop3d]") {
  checkLoggedIn(
      "C: DELE 1\n"
      "S: +OK message 1 deleted\n"
      "C: DELE 2\n"
      "S: +OK message 2 deleted\n"
      "C: DELE 2\n"
      "S: -ERR message 2 already deleted\n");
}

TEST_CASE("RFC 1939 section 5, NOOP", "[pop3d]") {
  checkLoggedIn(
      "C: NOOP\n"
      "S: +OK\n");
}

TEST_CASE("RFC 1939 section 5, RSET", "[pop3d]") {
  checkLoggedIn(
      "C: DELE 2\n"
      "S: +OK message 2 deleted\n"
      "C: RSET\n"
      "S: +OK maildrop has 2 messages (320 octets)\n"
      "C: STAT\n"
      "S: +OK 2 320\n");
}

TEST_CASE("RFC 1939 section 6, QUIT", "[pop3d]") {
  ExampleStage stage;
  SECTION("of an empty maildrop") {
    stage.store = MemoryStore();
    checkExample(stage,
                 "S: +OK POP3 server ready\n"
                 "C: USER mrose\n"
                 "S: +OK\n"
                 "C: PASS secret\n"
                 "S: +OK\n"
                 "C: QUIT\n"
                 "S: +OK dewey POP3 server signing off (maildrop empty)\n");
  }
  SECTION("of one where two are left") {
    checkExample(stage, kExampleLogin +
                            "C: QUIT\n"
                            "S: +OK dewey POP3 server signing off (2 messages left)\n");
    CHECK(stage.store.size() == 2);
  }
}

TEST_CASE("RFC 1939 section 7, TOP", "[pop3d]") {
  checkLoggedIn("C: TOP 1 10\nS: +OK\n" + kFirstTop +
                "S: .\n"
                "C: TOP 100 3\n"
                "S: -ERR no such message\n");
}

/// The ids are ours: what they look like is the server's affair.
TEST_CASE("RFC 1939 section 7, UIDL", "[pop3d]") {
  checkLoggedIn(
      "C: UIDL\n"
      "S: +OK\n"
      "S: 1 1700000000.1\n"
      "S: 2 1700000000.2\n"
      "S: .\n"
      "C: UIDL 2\n"
      "S: +OK 2 1700000000.2\n"
      "C: UIDL 3\n"
      "S: -ERR no such message, only 2 messages in maildrop\n");
}

/// The example refuses a name that has no mailbox ("-ERR sorry, no mailbox for frated here"). Whoever guesses names
/// would like that: here every name is taken, as the section allows, and PASS refuses.
TEST_CASE("RFC 1939 section 7, USER", "[pop3d]") {
  ExampleStage stage;
  checkExample(stage,
               "S: +OK POP3 server ready\n"
               "C: USER frated\n"
               "S: +OK\n"
               "C: USER mrose\n"
               "S: +OK mrose is a real hoopy frood\n");
}

TEST_CASE("RFC 1939 section 7, PASS", "[pop3d]") {
  ExampleStage stage;
  checkExample(stage,
               "S: +OK POP3 server ready\n"
               "C: USER mrose\n"
               "S: +OK mrose is a real hoopy frood\n"
               "C: PASS secret\n"
               "S: +OK mrose's maildrop has 2 messages (320 octets)\n");
}

TEST_CASE("RFC 1939 section 7, APOP", "[pop3d]") {
  ExampleStage stage;
  stage.timestamp = "<1896.697170952@dbc.mtview.ca.us>";
  stage.authenticator.password = "tanstaaf";
  stage.store = MemoryStore({std::string(369, 'x')});
  const std::string script =
      "S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\n"
      "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb\n"
      "S: +OK maildrop has 1 message (369 octets)\n";
  const std::string transcript = stage.play(script);
  CHECK(form(transcript) == form(script));
  CHECK(transcript.substr(0, transcript.find('\n')).ends_with(" <1896.697170952@dbc.mtview.ca.us>"));
}

TEST_CASE("RFC 1939 section 10, the whole session", "[pop3d]") {
  ExampleStage stage;
  stage.timestamp = "<1896.697170952@dbc.mtview.ca.us>";
  stage.authenticator.password = "tanstaaf";
  checkExample(stage,
               "S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\n"
               "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb\n"
               "S: +OK mrose's maildrop has 2 messages (320 octets)\n"
               "C: STAT\n"
               "S: +OK 2 320\n"
               "C: LIST\n"
               "S: +OK 2 messages (320 octets)\n"
               "S: 1 120\n"
               "S: 2 200\n"
               "S: .\n"
               "C: RETR 1\n"
               "S: +OK 120 octets\n" +
                   kFirstMessage +
                   "S: .\n"
                   "C: DELE 1\n"
                   "S: +OK message 1 deleted\n"
                   "C: RETR 2\n"
                   "S: +OK 200 octets\n" +
                   kSecondMessage +
                   "S: .\n"
                   "C: DELE 2\n"
                   "S: +OK message 2 deleted\n"
                   "C: QUIT\n"
                   "S: +OK dewey POP3 server signing off (maildrop empty)\n");
  CHECK(stage.store.size() == 0);
}
