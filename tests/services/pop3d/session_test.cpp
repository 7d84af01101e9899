#include <catch2/catch.hpp>

#include "play.h"

using namespace posthouse;
using namespace posthouse::pop3d;

namespace {

const std::string kLogin =
    "C: USER alice@example.org\n"
    "S: +OK Send the password\n"
    "C: PASS secret\n";

/// The two messages of RFC 1939's examples: 120 and 200 octets.
MemoryStore twoMessages() {
  std::string first = "Subject: first\r\n\r\n";
  std::string second = "Subject: second\r\n\r\n";
  first += std::string(120 - first.size() - 2, 'a') + "\r\n";
  second += std::string(200 - second.size() - 2, 'b') + "\r\n";
  return MemoryStore({first, second});
}

}  // namespace

SCENARIO("who may read alone reads, and leaves everything as it was", "[pop3d]") {
  Stage stage;
  stage.store.add("Subject: one\r\n\r\n1\r\n");
  stage.authenticator.identity.readOnly = true;
  const std::string script = kGreeting +
                             "C: USER alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS secret\n"
                             "S: +OK Maildrop has 1 message (19 octets)\n"
                             "C: RETR 1\n"
                             "S: +OK 19 octets\n"
                             "S: Subject: one\n"
                             "S: \n"
                             "S: 1\n"
                             "S: .\n"
                             "C: DELE 1\n"
                             "S: -ERR You may read here, and delete nothing\n"
                             "C: RSET\n"
                             "S: +OK Maildrop has 1 message (19 octets)\n"
                             "C: QUIT\n"
                             "S: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.size() == 1);
  CHECK(stage.store.seen.empty());
}

SCENARIO("the session of RFC 1939 section 10", "[pop3d]") {
  GIVEN("a maildrop with two messages") {
    Stage stage;
    stage.store = MemoryStore({"Subject: one\r\n\r\nHello\r\n.\r\n", "Subject: two\r\n\r\nWorld\r\n"});
    WHEN("a client reads and deletes both") {
      const std::string script = kGreeting + kLogin +
                                 "S: +OK Maildrop has 2 messages (49 octets)\n"
                                 "C: STAT\n"
                                 "S: +OK 2 49\n"
                                 "C: LIST\n"
                                 "S: +OK 2 messages (49 octets)\n"
                                 "S: 1 26\n"
                                 "S: 2 23\n"
                                 "S: .\n"
                                 "C: RETR 1\n"
                                 "S: +OK 26 octets\n"
                                 "S: Subject: one\n"
                                 "S: \n"
                                 "S: Hello\n"
                                 "S: ..\n"
                                 "S: .\n"
                                 "C: DELE 1\n"
                                 "S: +OK Message 1 will be deleted at QUIT\n"
                                 "C: RETR 2\n"
                                 "S: +OK 23 octets\n"
                                 "S: Subject: two\n"
                                 "S: \n"
                                 "S: World\n"
                                 "S: .\n"
                                 "C: DELE 2\n"
                                 "S: +OK Message 2 will be deleted at QUIT\n"
                                 "C: STAT\n"
                                 "S: +OK 0 0\n"
                                 "C: QUIT\n"
                                 "S: +OK Bye, 2 messages deleted\n";
      THEN("it all happens, and the maildrop is empty") {
        CHECK(stage.play(script) == script);
        CHECK(stage.store.size() == 0);
      }
    }
  }
}

SCENARIO("a message is asked for by its number", "[pop3d]") {
  GIVEN("two messages, one of them deleted in this session") {
    Stage stage;
    stage.store = twoMessages();
    const std::string script = kGreeting + kLogin +
                               "S: +OK Maildrop has 2 messages (320 octets)\n"
                               "C: LIST 2\n"
                               "S: +OK 2 200\n"
                               "C: LIST 3\n"
                               "S: -ERR No such message, only 2 in maildrop\n"
                               "C: UIDL 2\n"
                               "S: +OK 2 1700000000.2\n"
                               "C: UIDL 3\n"
                               "S: -ERR No such message, only 2 in maildrop\n"
                               "C: DELE 1\n"
                               "S: +OK Message 1 will be deleted at QUIT\n"
                               "C: DELE 1\n"
                               "S: -ERR Message 1 is deleted\n"
                               "C: RETR 1\n"
                               "S: -ERR Message 1 is deleted\n"
                               "C: TOP 1 0\n"
                               "S: -ERR Message 1 is deleted\n"
                               "C: UIDL\n"
                               "S: +OK Unique ids follow\n"
                               "S: 2 1700000000.2\n"
                               "S: .\n"
                               "C: LIST\n"
                               "S: +OK 1 message (200 octets)\n"
                               "S: 2 200\n"
                               "S: .\n"
                               "C: RSET\n"
                               "S: +OK Maildrop has 2 messages (320 octets)\n"
                               "C: LIST 1\n"
                               "S: +OK 1 120\n"
                               "C: NOOP\n"
                               "S: +OK\n"
                               "C: QUIT\n"
                               "S: +OK Bye, 0 messages deleted\n";
    THEN("RSET brings it back") {
      CHECK(stage.play(script) == script);
      CHECK(stage.store.size() == 2);
    }
  }
}

SCENARIO("TOP sends the header and some lines, and leaves the message unread", "[pop3d]") {
  Stage stage;
  stage.store = MemoryStore({"Subject: one\r\n\r\n.a\r\nb\r\nc\r\n"});
  const std::string script = kGreeting + kLogin +
                             "S: +OK Maildrop has 1 message (26 octets)\n"
                             "C: TOP 1 2\n"
                             "S: +OK The top follows\n"
                             "S: Subject: one\n"
                             "S: \n"
                             "S: ..a\n"
                             "S: b\n"
                             "S: .\n"
                             "C: TOP 1 0\n"
                             "S: +OK The top follows\n"
                             "S: Subject: one\n"
                             "S: \n"
                             "S: .\n"
                             "C: QUIT\n"
                             "S: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.seen.empty());
}

SCENARIO("a session that ends without QUIT deletes nothing", "[pop3d]") {
  Stage stage;
  stage.store = MemoryStore({"a: b\r\n\r\nc\r\n", "d: e\r\n\r\nf\r\n"});
  const std::string script = kGreeting + kLogin +
                             "S: +OK Maildrop has 2 messages (22 octets)\n"
                             "C: RETR 2\n"
                             "S: +OK 11 octets\n"
                             "S: d: e\n"
                             "S: \n"
                             "S: f\n"
                             "S: .\n"
                             "C: DELE 1\n"
                             "S: +OK Message 1 will be deleted at QUIT\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.size() == 2);
  CHECK(stage.store.seen == std::vector<std::uint32_t>{2});  // what was read stays read
}

SCENARIO("the session sees the maildrop as it was at login", "[pop3d]") {
  Stage stage;
  stage.store = MemoryStore({"a: b\r\n\r\nc\r\n", "d: e\r\n\r\nf\r\n"});
  stage.store.remove(1);
  stage.store.add("g: h\r\n\r\ni\r\n");
  const std::string script = kGreeting + kLogin +
                             "S: +OK Maildrop has 2 messages (22 octets)\n"
                             "C: UIDL\n"
                             "S: +OK Unique ids follow\n"
                             "S: 1 1700000000.2\n"
                             "S: 2 1700000000.3\n"
                             "S: .\n"
                             "C: QUIT\n"
                             "S: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("pipelined commands are answered in order", "[pop3d]") {
  Stage stage;
  stage.store = twoMessages();
  const std::string script = kGreeting +
                             "C: USER alice@example.org\n"
                             "C: PASS secret\n"
                             "C: STAT\n"
                             "C: DELE 1\n"
                             "C: QUIT\n"
                             "S: +OK Send the password\n"
                             "S: +OK Maildrop has 2 messages (320 octets)\n"
                             "S: +OK 2 320\n"
                             "S: +OK Message 1 will be deleted at QUIT\n"
                             "S: +OK Bye, 1 message deleted\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.size() == 1);
}

SCENARIO("commands have their states", "[pop3d]") {
  Stage stage;
  const std::string script = kGreeting +
                             "C: STAT\n"
                             "S: -ERR Log in first\n"
                             "C: RETR 1\n"
                             "S: -ERR Log in first\n"
                             "C: NOOP\n"
                             "S: -ERR Log in first\n" +
                             kLogin +
                             "S: +OK Maildrop has 0 messages (0 octets)\n"
                             "C: USER bob\n"
                             "S: -ERR Only before logging in\n"
                             "C: AUTH PLAIN\n"
                             "S: -ERR Only before logging in\n"
                             "C: STLS\n"
                             "S: -ERR Only before logging in\n"
                             "C: QUIT\n"
                             "S: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("bad commands are answered, and too many end the session", "[pop3d]") {
  Stage stage;
  stage.config.maxErrors = 4;
  stage.config.maxCommandLength = 255;
  const std::string script = kGreeting +
                             "C: HELP\n"
                             "S: -ERR unknown command\n"
                             "C: RETR\n"
                             "S: -ERR expected a space and an argument\n"
                             "C: USER " +
                             std::string(300, 'x') + "\n" +
                             "S: -ERR Line too long\n"
                             "C: CAPA x\n"
                             "S: -ERR Too many errors\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("who has logged in may err now and then, and not again and again", "[pop3d]") {
  Stage stage;
  stage.config.maxErrors = 2;
  const std::string once = "C: XTND\nS: -ERR unknown command\nC: NOOP\nS: +OK\n";
  const std::string script = kGreeting + kLogin + "S: +OK Maildrop has 0 messages (0 octets)\n" + once + once + once +
                             "C: XTND\nS: -ERR unknown command\n"
                             "C: STAT 1\nS: -ERR Too many errors\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("keywords are of either case, and blanks too many do no harm", "[pop3d]") {
  Stage stage;
  stage.store = twoMessages();
  stage.authenticator.password = " two  words ";  // which the argument of PASS may be
  const std::string script = kGreeting +
                             "C: user alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: pAsS  two  words \n"
                             "S: +OK Maildrop has 2 messages (320 octets)\n"
                             "C: stat \n"
                             "S: +OK 2 320\n"
                             "C: list   2  \n"
                             "S: +OK 2 200\n"
                             "C: uidl\t2\n"
                             "S: +OK 2 1700000000.2\n"
                             "C: LIST \n"
                             "S: +OK 2 messages (320 octets)\n"
                             "S: 1 120\n"
                             "S: 2 200\n"
                             "S: .\n"
                             "C: top 1  0 \n"
                             "S: +OK The top follows\n"
                             "S: Subject: first\n"
                             "S: \n"
                             "S: .\n"
                             "C: Dele 01\n"
                             "S: +OK Message 1 will be deleted at QUIT\n"
                             "C: noop\t\n"
                             "S: +OK\n"
                             "C: quit \n"
                             "S: +OK Bye, 1 message deleted\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("what cannot be done for now is said so", "[pop3d]") {
  GIVEN("a store that goes away after the login") {
    Stage stage;
    stage.store = twoMessages();
    stage.store.away = true;
    const std::string script = kGreeting + kLogin +
                               "S: -ERR [SYS/TEMP] Temporary failure, please try again later (session ID)\n"
                               "C: QUIT\n"
                               "S: +OK Bye\n";
    THEN("the login fails with SYS/TEMP") {
      CHECK(stage.play(script) == script);
    }
  }
  GIVEN("no accountd") {
    Stage stage;
    stage.authenticator.away = true;
    const std::string script = kGreeting + kLogin +
                               "S: -ERR [SYS/TEMP] Logins cannot be checked now, please try again later (session ID)\n"
                               "C: QUIT\n"
                               "S: +OK Bye\n";
    THEN("the login fails with SYS/TEMP") {
      CHECK(stage.play(script) == script);
    }
  }
}

SCENARIO("a large message is sent piece by piece", "[pop3d]") {
  Stage stage;
  std::string message = "Subject: large\r\n\r\n";
  std::string shown = "S: Subject: large\nS: \n";
  for (int line = 0; line < 10'000; ++line) {
    message += std::string(98, 'x') + "\r\n";
    shown += "S: " + std::string(98, 'x') + "\n";
  }
  const std::string script = kGreeting + kLogin + "S: +OK Maildrop has 1 message (1000018 octets)\n" + "C: RETR 1\n" +
                             "S: +OK 1000018 octets\n" + shown + "S: .\n" + "C: QUIT\n" +
                             "S: +OK Bye, 0 messages deleted\n";
  stage.store = MemoryStore({message});
  CHECK(stage.play(script) == script);
  CHECK(stage.store.reads == 5);
  CHECK(stage.store.seen == std::vector<std::uint32_t>{1});
}

SCENARIO("TOP of a large message reads no more than it sends", "[pop3d]") {
  Stage stage;
  stage.store = MemoryStore({"a: b\r\n\r\n" + std::string(1'000'000, 'x')});
  const std::string script = kGreeting + kLogin + "S: +OK Maildrop has 1 message (1000008 octets)\n" +
                             "C: TOP 1 0\nS: +OK The top follows\nS: a: b\nS: \nS: .\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.reads == 2);
}

SCENARIO("a store that goes away while a message is sent ends the session without an end of the response", "[pop3d]") {
  Stage stage;
  stage.store = MemoryStore({"a: b\r\n\r\n" + std::string(300 * 1024, 'x') + "\r\n"});
  stage.store.awayFromPiece = 1;
  const std::string transcript = stage.play(kGreeting + kLogin + "S: x\nC: RETR 1\n");
  CHECK(transcript.contains("S: a: b\n"));
  CHECK(transcript.ends_with("x(no line end)\n"));
}

SCENARIO("a message removed by others meanwhile is an error, not an end", "[pop3d]") {
  Stage stage;
  stage.store = twoMessages();
  stage.store.vanishAtRead = store::Uid{1};
  const std::string script = kGreeting + kLogin +
                             "S: +OK Maildrop has 2 messages (320 octets)\n"
                             "C: RETR 1\n"
                             "S: -ERR That message was removed in another session\n"
                             "C: TOP 1 0\n"
                             "S: -ERR That message was removed in another session\n"
                             "C: DELE 1\n"
                             "S: +OK Message 1 will be deleted at QUIT\n"
                             "C: QUIT\n"
                             "S: +OK Bye, 1 message deleted\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("a line that never seems to end does end the session", "[pop3d]") {
  Stage stage;
  const std::string script = kGreeting + "C* USER " + std::string(1 << 20, 'x') + "\n";
  const std::string transcript = stage.play(script);
  CHECK(transcript.ends_with("\nS: -ERR Line too long\n"));
}

SCENARIO("octets that no command has are refused", "[pop3d]") {
  Stage stage;
  const std::string script = kGreeting +
                             "C* STAT\\0\\r\\n\n"
                             "S: -ERR unexpected text after the command\n"
                             "C* \\xFF\\xFE\\r\\n\n"
                             "S: -ERR unknown command\n"
                             "C* NOOP\\nQUIT\\r\\n\n"
                             "S: -ERR unexpected text after the command\n"
                             "C: QUIT\n"
                             "S: +OK Bye\n";
  CHECK(stage.play(script) == script);
}
