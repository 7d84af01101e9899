// A client that may read alone, as one that came by ANONYMOUS (RFC 4505).
#include <catch2/catch.hpp>

#include "house.h"

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

const std::string kMailbox =
    "S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing)\n"
    "S: * 1 EXISTS\n"
    "S: * 1 RECENT\n"
    "S: * OK [UNSEEN 1] First unseen message\n";
const std::string kSelected = "C: b SELECT INBOX\n" + kMailbox +
                              "S: * OK [PERMANENTFLAGS ()] Read-only\n"
                              "S: * OK [UIDVALIDITY V] UIDs valid\n"
                              "S: * OK [UIDNEXT 2] Predicted next UID\n"
                              "S: b OK [READ-ONLY] SELECT completed\n";

/// One message in alice's INBOX, put there by herself.
struct OneMessage : FurnishedHouse {
  OneMessage() {
    play(
        "C: b APPEND INBOX {19}\n"
        "S: + Ready for the message\n"
        "C: Subject: one\n"
        "C: \n"
        "C: 1\n"
        "C: \n"
        "S: b OK [APPENDUID V 1] APPEND completed\n");
    house.authenticator.identity.readOnly = true;
  }
};

}  // namespace

TEST_CASE("who may read alone is told so of every mailbox", "[imapd]") {
  OneMessage furnished;
  const std::string script = kSelected +
                             "C: c STATUS Sent (MESSAGES)\n"
                             "S: * STATUS \"Sent\" (MESSAGES 0)\n"
                             "S: c OK STATUS completed\n"
                             "C: d LIST \"\" IN%\n"
                             "S: * LIST (\\HasNoChildren) \"/\" \"INBOX\"\n"
                             "S: d OK LIST completed\n"
                             "C: e SEARCH UNSEEN\n"
                             "S: * SEARCH 1\n"
                             "S: e OK SEARCH completed\n"
                             "C: f CLOSE\n"
                             "S: f OK CLOSE completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("what a client reads that may read alone stays unseen, and recent to its owner", "[imapd]") {
  OneMessage furnished;
  furnished.play("C: b SELECT INBOX\nC: c FETCH 1 BODY[]\n");
  const std::string read = furnished.play("C: b SELECT INBOX\nC: c FETCH 1 (FLAGS BODY[TEXT])\n");
  CHECK_THAT(read, Catch::Contains("S: * 1 FETCH (FLAGS (\\Recent) BODY[TEXT] {3}\n"));
  furnished.house.authenticator.identity.readOnly = false;
  const std::string own = furnished.play("C: b SELECT INBOX\n");
  CHECK_THAT(own, Catch::Contains(kMailbox));
  CHECK_THAT(own, Catch::Contains("[READ-WRITE]"));
}

TEST_CASE("who may read alone changes nothing", "[imapd]") {
  OneMessage furnished;
  const auto [command, more] = GENERATE(table<std::string, std::string>({
      {"STORE 1 +FLAGS (\\Deleted)", ""},
      {"UID STORE 1 FLAGS.SILENT ()", ""},
      {"COPY 1 Sent", ""},
      {"UID COPY 1 Sent", ""},
      {"MOVE 1 Sent", ""},
      {"UID MOVE 1 Sent", ""},
      {"EXPUNGE", ""},
      {"UID EXPUNGE 1", ""},
      {"CREATE new", ""},
      {"DELETE Sent", ""},
      {"RENAME INBOX old", ""},
      {"SUBSCRIBE INBOX", ""},
      {"UNSUBSCRIBE INBOX", ""},
      {"APPEND INBOX {12}", ""},
      {"APPEND INBOX {9+}", "C: 123456789\n"},
  }));
  CAPTURE(command);
  const std::string script = kSelected + "C: c " + command + "\n" + more +
                             "S: c NO [NOPERM] You may read here, and change nothing\n"
                             "C: d NOOP\n"
                             "S: d OK NOOP completed\n";
  CHECK(furnished.play(script) == script);
}
