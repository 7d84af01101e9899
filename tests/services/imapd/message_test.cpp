#include <catch2/catch.hpp>

#include "house.h"
#include "message/summary.h"
#include "store/quota_repository.h"

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

const std::string kPlain =
    "From: Bob <bob@x.example>\r\n"
    "To: alice@mail.test\r\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Date: Fri, 1 Mar 2024 23:30:00 -0500\r\n"
    "\r\n"
    "Hello Alice,\r\n"
    "all is well.\r\n";

const std::string kMultipart =
    "From: carol@x.example\r\n"
    "Subject: parts\r\n"
    "Date: Sat, 2 Mar 2024 10:00:00 +0000\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "w4RwZmVs\r\n"
    "--b\r\n"
    "Content-Type: message/rfc822\r\n"
    "\r\n"
    "Subject: inner\r\n"
    "\r\n"
    "deep\r\n"
    "--b--\r\n";

void append(FurnishedHouse& furnished, const std::string& octets, store::Flags flags = {},
            const std::string& prefix = {}) {
  auto summary = message::summarize(octets);
  const store::Content content(
      octets, static_cast<std::uint32_t>(summary.headerSize), summary.envelope, summary.bodyStructure,
      summary.sentAt ? std::optional(std::chrono::system_clock::time_point(summary.sentAt->time)) : std::nullopt);
  const std::chrono::sys_seconds date = std::chrono::sys_days{std::chrono::year{2024} / 3 / 5} + std::chrono::hours(12);
  furnished.postgres.transact([&](db::Transaction& transaction) {
    return store::MessageRepository(transaction, furnished.alice)
        .append(store::kInbox, content, flags, date, prefix)
        .has_value();
  });
}

/// SELECT of INBOX, as it goes when nothing in it has been seen or selected before.
std::string select(std::uint32_t messages, const std::string& recent) {
  const std::string flags =
      "\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing";
  return "C: s SELECT INBOX\n"
         "S: * FLAGS (" +
         flags +
         ")\n"
         "S: * " +
         std::to_string(messages) +
         " EXISTS\n"
         "S: * " +
         recent +
         " RECENT\n"
         "S: * OK [UNSEEN 1] First unseen message\n"
         "S: * OK [PERMANENTFLAGS (" +
         flags +
         " \\*)] Kept\n"
         "S: * OK [UIDVALIDITY V] UIDs valid\n"
         "S: * OK [UIDNEXT " +
         std::to_string(messages + 1) +
         "] Predicted next UID\n"
         "S: s OK [READ-WRITE] SELECT completed\n";
}

const std::string kSelected = "C: s SELECT INBOX\nS: 1\nS: 2\nS: 3\nS: 4\nS: 5\nS: 6\nS: 7\nS: 8\n";

/// 3072 messages.
void fillInbox(FurnishedHouse& furnished) {
  for (int i = 0; i < 3; ++i) append(furnished, kPlain);
  for (int i = 0; i < 10; ++i) furnished.house.play(kLogin + kSelected + "C: c COPY 1:* INBOX\n");
}

/// No mailbox but INBOX takes more than a slice.
void failAfterFirstSlice(FurnishedHouse& furnished) {
  furnished.postgres.transact([](db::Transaction& transaction) {
    transaction.script(R"sql(
      CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION USING ERRCODE = ''lock_not_available''; END';
      CREATE TRIGGER busy BEFORE INSERT ON posthouse.msg FOR EACH ROW
        WHEN (NEW.mailbox_id <> 1 AND NEW.uid > 2000) EXECUTE FUNCTION busy())sql");
  });
}

}  // namespace

TEST_CASE("FETCH of everything there is about a message", "[imapd]") {
  FurnishedHouse furnished;
  append(furnished, kPlain, {}, "Return-Path: <bob@x.example>\r\n");
  const std::string script =
      select(1, "1") +
      "C: b FETCH 1 FULL\n"
      "S: * 1 FETCH (FLAGS (\\Recent) INTERNALDATE \" 5-Mar-2024 12:00:00 +0000\" RFC822.SIZE 184 "
      "ENVELOPE (\"Fri, 1 Mar 2024 23:30:00 -0500\" \"=?utf-8?q?Gr=C3=BC=C3=9Fe?=\" "
      "((\"Bob\" NIL \"bob\" \"x.example\")) ((\"Bob\" NIL \"bob\" \"x.example\")) ((\"Bob\" NIL \"bob\" "
      "\"x.example\")) "
      "((NIL NIL \"alice\" \"mail.test\")) NIL NIL NIL NIL) "
      "BODY (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 28 2))\n"
      "S: b OK FETCH completed\n"
      "C: c UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (Subject Return-Path)] BODY.PEEK[]<6.10> BODY.PEEK[2])\n"
      "S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (Subject Return-Path)] {70}\n"
      "S: Return-Path: <bob@x.example>\n"
      "S: Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
      "S: \n"
      "S:  BODY[]<6> {10}\n"
      "S: -Path: <bo BODY[2] NIL)\n"
      "S: c OK FETCH completed\n"
      "C: d FETCH 1 BODY[TEXT]\n"
      "S: * 1 FETCH (FLAGS (\\Seen \\Recent) BODY[TEXT] {28}\n"
      "S: Hello Alice,\n"
      "S: all is well.\n"
      "S: )\n"
      "S: d OK FETCH completed\n"
      "C: e FETCH 1 (RFC822.TEXT FLAGS)\n"
      "S: * 1 FETCH (FLAGS (\\Seen \\Recent) RFC822.TEXT {28}\n"
      "S: Hello Alice,\n"
      "S: all is well.\n"
      "S: )\n"
      "S: e OK FETCH completed\n"
      "C: f FETCH 2 FLAGS\n"
      "S: f BAD No message has that number\n"
      "C: g UID FETCH 2 FLAGS\n"
      "S: g OK FETCH completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("FETCH of parts", "[imapd]") {
  FurnishedHouse furnished;
  append(furnished, kMultipart);
  const std::string script = select(1, "1") +
                             "C: b FETCH 1 (BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[2.HEADER] BODY.PEEK[2.TEXT] "
                             "BODY.PEEK[2.1]<1.2> BODY.PEEK[3])\n"
                             "S: * 1 FETCH (BODY[1] {8}\n"
                             "S: w4RwZmVs BODY[1.MIME] {78}\n"
                             "S: Content-Type: text/plain; charset=utf-8\n"
                             "S: Content-Transfer-Encoding: base64\n"
                             "S: \n"
                             "S:  BODY[2.HEADER] {18}\n"
                             "S: Subject: inner\n"
                             "S: \n"
                             "S:  BODY[2.TEXT] {4}\n"
                             "S: deep BODY[2.1]<1> {2}\n"
                             "S: ee BODY[3] NIL)\n"
                             "S: b OK FETCH completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("what fails within an announced literal ends the connection, not the literal", "[imapd]") {
  FurnishedHouse furnished;
  append(furnished, "Subject: large\r\n\r\n" + std::string(1'000'000, 'x') + "\r\n");
  furnished.postgres.transact([](db::Transaction& transaction) {
    transaction.exec("REVOKE SELECT ON posthouse.blob_chunk FROM posthouse_imapd");
  });
  const std::string transcript = furnished.play(
      "C: b SELECT INBOX\n"
      "C: c FETCH 1 (UID BODY.PEEK[])\n"
      "C: d NOOP\n");
  CHECK_THAT(transcript, !Catch::Matchers::Contains("c NO"));
  CHECK_THAT(transcript, !Catch::Matchers::Contains("d OK"));
}

TEST_CASE("a large message comes in pieces and whole", "[imapd]") {
  FurnishedHouse furnished;
  std::string large = "Subject: large\r\n\r\n";
  while (large.size() < 1'000'000)
    large += "0123456789012345678901234567890123456789012345678901234567890123456789\r\n";
  append(furnished, large, {}, "X: y\r\n");
  const std::string transcript = furnished.play(select(1, "1") + "C: b FETCH 1 BODY.PEEK[]\n");
  std::string shown = "S: * 1 FETCH (BODY[] {" + std::to_string(large.size() + 6) + "}\nS: X: y\n";
  for (std::size_t at = 0; at < large.size();) {
    const std::size_t end = large.find("\r\n", at);
    shown += "S: " + large.substr(at, end - at) + "\n";
    at = end + 2;
  }
  CHECK(transcript.ends_with("C: b FETCH 1 BODY.PEEK[]\n" + shown + "S: )\nS: b OK FETCH completed\n"));
}

TEST_CASE("parts of a large message are as those of a small one", "[imapd]") {
  FurnishedHouse furnished;
  const bool isLarge = GENERATE(false, true);
  std::string filler;
  while (isLarge && filler.size() < 700'000)
    filler += "0123456789012345678901234567890123456789012345678901234567890123\r\n";
  append(furnished,
         "Subject: outer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n"
         "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nX-More: y\r\n\r\ndeep\r\n"
         "--b\r\nContent-Type: application/octet-stream\r\n\r\n" +
             filler + "last\r\n--b--\r\n");
  const std::string size = std::to_string(filler.size() + 4);
  const std::string script =
      select(1, "1") +
      "C: b FETCH 1 (BODY.PEEK[1] BODY.PEEK[2.HEADER.FIELDS (Subject)] BODY.PEEK[2.TEXT] BODY.PEEK[1.MIME] "
      "BODY.PEEK[9])\n"
      "S: * 1 FETCH (BODY[1] {5}\n"
      "S: first BODY[2.HEADER.FIELDS (Subject)] {18}\n"
      "S: Subject: inner\n"
      "S: \n"
      "S:  BODY[2.TEXT] {4}\n"
      "S: deep BODY[1.MIME] {28}\n"
      "S: Content-Type: text/plain\n"
      "S: \n"
      "S:  BODY[9] NIL)\n"
      "S: b OK FETCH completed\n"
      "C: c UID FETCH 1 BODY.PEEK[3]<" +
      std::to_string(filler.size()) +
      ".100>\n"
      "S: * 1 FETCH (UID 1 BODY[3]<" +
      std::to_string(filler.size()) +
      "> {4}\n"
      "S: last)\n"
      "S: c OK FETCH completed\n"
      "C: d FETCH 1 BODY.PEEK[3]<" +
      size +
      ".5>\n"
      "S: * 1 FETCH (BODY[3]<" +
      size +
      "> {0}\n"
      "S: )\n"
      "S: d OK FETCH completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("more messages than a batch holds", "[imapd]") {
  FurnishedHouse furnished;
  for (int i = 0; i < 3; ++i) append(furnished, kPlain);
  for (int i = 0; i < 9; ++i) {
    furnished.house.play(kLogin +
                         "C: s SELECT INBOX\nS: 1\nS: 2\nS: 3\nS: 4\nS: 5\nS: 6\nS: 7\nS: 8\nC: c COPY 1:* INBOX\n");
  }
  const std::string transcript =
      furnished.house.play(kLogin +
                           "C: s SELECT INBOX\nS: 1\nS: 2\nS: 3\nS: 4\nS: 5\nS: 6\nS: 7\nS: 8\n"
                           "C: f FETCH 1:* BODY.PEEK[HEADER.FIELDS (To)]\n");
  CHECK(transcript.find("S: * 1536 FETCH (BODY[HEADER.FIELDS (To)] {23}\nS: To: alice@mail.test\nS: \nS: )\nS: f OK "
                        "FETCH completed") != std::string::npos);
}

TEST_CASE("STORE changes flags, aloud or silently", "[imapd]") {
  FurnishedHouse furnished;
  append(furnished, kPlain);
  append(furnished, kMultipart);
  const std::string script = select(2, "2") +
                             "C: b STORE 1:2 +FLAGS (\\Deleted $Fun)\n"
                             "S: * 1 FETCH (FLAGS (\\Deleted $Fun \\Recent))\n"
                             "S: * 2 FETCH (FLAGS (\\Deleted $Fun \\Recent))\n"
                             "S: b OK STORE completed\n"
                             "C: c UID STORE 2 -FLAGS.SILENT \\Deleted\n"
                             "S: c OK STORE completed\n"
                             "C: d UID STORE 2 FLAGS (\\Seen $Junk)\n"
                             "S: * 2 FETCH (UID 2 FLAGS (\\Seen $Junk \\Recent))\n"
                             "S: d OK STORE completed\n"
                             "C: e STORE 3 FLAGS ()\n"
                             "S: e BAD No message has that number\n"
                             "C: f EXPUNGE\n"
                             "S: * 1 EXPUNGE\n"
                             "S: f OK EXPUNGE completed\n"
                             "C: g FETCH 1:* (UID FLAGS)\n"
                             "S: * 1 FETCH (FLAGS (\\Seen $Junk \\Recent) UID 2)\n"
                             "S: g OK FETCH completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("UID EXPUNGE and CLOSE", "[imapd]") {
  FurnishedHouse furnished;
  for (int i = 0; i < 3; ++i) append(furnished, kPlain, store::Flag::deleted);
  const std::string script = select(3, "3") +
                             "C: b UID EXPUNGE 2\n"
                             "S: * 2 EXPUNGE\n"
                             "S: b OK EXPUNGE completed\n"
                             "C: c CLOSE\n"
                             "S: c OK CLOSE completed\n"
                             "C: d STATUS INBOX (MESSAGES)\n"
                             "S: * STATUS \"INBOX\" (MESSAGES 0)\n"
                             "S: d OK STATUS completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("COPY and MOVE say where the messages went", "[imapd]") {
  FurnishedHouse furnished;
  for (int i = 0; i < 3; ++i) append(furnished, kPlain);
  const std::string script = select(3, "3") +
                             "C: b COPY 1:2 nowhere\n"
                             "S: b NO [TRYCREATE] No such mailbox\n"
                             "C: c COPY 1,3 Archive\n"
                             "S: c OK [COPYUID V 1,3 1:2] COPY completed\n"
                             "C: d UID MOVE 1:2 Trash\n"
                             "S: * OK [COPYUID V 1:2 1:2] Moved\n"
                             "S: * 2 EXPUNGE\n"
                             "S: * 1 EXPUNGE\n"
                             "S: d OK MOVE completed\n"
                             "C: e MOVE 1 INBOX\n"
                             "S: e NO [CANNOT] The messages are there already\n"
                             "C: f UID COPY 77 Archive\n"
                             "S: f OK COPY completed, nothing was copied\n"
                             "C: g STATUS Trash (MESSAGES UNSEEN)\n"
                             "S: * STATUS \"Trash\" (MESSAGES 2 UNSEEN 2)\n"
                             "S: g OK STATUS completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("a COPY that fails after its first slice leaves nothing behind", "[imapd]") {
  FurnishedHouse furnished;
  fillInbox(furnished);
  failAfterFirstSlice(furnished);
  const std::string transcript =
      furnished.house.play(kLogin + kSelected + "C: c COPY 1:* Archive\nC: d STATUS Archive (MESSAGES)\n");
  CHECK_THAT(transcript, Catch::Contains("S: c NO"));
  CHECK_THAT(transcript, Catch::Contains("S: * STATUS \"Archive\" (MESSAGES 0)"));
}

TEST_CASE("a MOVE that fails after its first slice tells what has moved, and what is where", "[imapd]") {
  FurnishedHouse furnished;
  fillInbox(furnished);
  failAfterFirstSlice(furnished);
  const std::string transcript = furnished.house.play(
      kLogin + kSelected + "C: c MOVE 1:* Archive\nC: d FETCH 1 UID\nC: e STATUS Archive (MESSAGES)\n");
  std::string told = "S: * OK [COPYUID V 1:2000 1:2000] Moved\n";
  for (int number = 2000; number > 0; --number) told += "S: * " + std::to_string(number) + " EXPUNGE\n";
  told +=
      "S: c NO [INUSE] The account is busy, try again\n"
      "S: * 1 FETCH (UID 2001)\n"
      "S: d OK FETCH completed\n"
      "S: * STATUS \"Archive\" (MESSAGES 2000)\n"
      "S: e OK STATUS completed\n";
  CHECK(transcript.ends_with(told));
}

TEST_CASE("a full account takes neither APPEND nor COPY, and that is counted", "[imapd]") {
  FurnishedHouse furnished;
  append(furnished, kPlain);
  const std::string fits =
      "C: b APPEND INBOX {19+}\n"
      "C: Subject: two\n"
      "C: \n"
      "C: 2\n"
      "C: \n"
      "S: b OK [APPENDUID V 2] APPEND completed\n";
  CHECK(furnished.play(fits) == fits);
  const auto limit = static_cast<std::int64_t>(kPlain.size()) + 20;
  furnished.postgres.transact(
      [&](db::Transaction& transaction) { return store::QuotaRepository(transaction).set(furnished.alice, limit); });
  const std::string full =
      "C: b APPEND INBOX {19+}\n"
      "C: Subject: two\n"
      "C: \n"
      "C: 2\n"
      "C: \n"
      "S: b NO [OVERQUOTA] The account is full\n" +
      select(2, "2") +
      "C: c COPY 1:2 Archive\n"
      "S: c NO [OVERQUOTA] The account is full\n";
  CHECK(furnished.play(full) == full);
  CHECK(furnished.house.metrics.appended.Value() == 1);
  CHECK(furnished.house.metrics.quotaExceeded.Value() == 2);
}

TEST_CASE("SEARCH by every key", "[imapd]") {
  FurnishedHouse furnished;
  append(furnished, kPlain);
  append(furnished, kMultipart, store::Flag::flagged);
  const auto [keys, found] = GENERATE(table<std::string, std::string>({
      {"ALL", " 1 2"},
      {"FLAGGED", " 2"},
      {"UNFLAGGED", " 1"},
      {"NOT FLAGGED", " 1"},
      {"OR FLAGGED UNFLAGGED", " 1 2"},
      {"SEEN", ""},
      {"NEW", " 1 2"},
      {"OLD", ""},
      {"KEYWORD $Nothing", ""},
      {"UNKEYWORD $Nothing", " 1 2"},
      {"2:*", " 2"},
      {"UID 1", " 1"},
      {"(1 UID 2)", ""},
      {"LARGER 200", " 2"},
      {"SMALLER 200", " 1"},
      {"ON 5-Mar-2024", " 1 2"},
      {"BEFORE 5-Mar-2024", ""},
      {"SINCE 5-Mar-2024", " 1 2"},
      {"SENTON 1-Mar-2024", " 1"},  // the day where it was written
      {"SENTBEFORE 2-Mar-2024", " 1"},
      {"SENTSINCE 2-Mar-2024", " 2"},
      {"FROM BOB", " 1"},
      {"TO alice", " 1"},
      {"CC alice", ""},
      {"SUBJECT parts", " 2"},
      {"HEADER To \"\"", " 1"},
      {"BODY \"all is WELL\"", " 1"},
      {"BODY deep", " 2"},
      {"BODY inner", " 2"},
      {"BODY parts", ""},
      {"TEXT parts", " 2"},
      {"TEXT mixed", " 2"},
      {"CHARSET UTF-8 SUBJECT {7+}\nC: gr\xC3\xBC\xC3\x9F"
       "E",
       " 1"},
      {"CHARSET UTF-8 BODY {5+}\nC: \xC3\xA4pfe", " 2"},
  }));
  CAPTURE(keys);
  const std::string script =
      select(2, "2") + "C: b SEARCH " + keys + "\nS: * SEARCH" + found + "\nS: b OK SEARCH completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("SEARCH in an unknown charset", "[imapd]") {
  FurnishedHouse furnished;
  append(furnished, kPlain);
  const std::string script = select(1, "1") +
                             "C: b SEARCH CHARSET KOI8-R TEXT x\n"
                             "S: b NO [BADCHARSET (US-ASCII UTF-8)] Unknown charset\n"
                             "C: c UID SEARCH UNSEEN\n"
                             "S: * SEARCH 1\n"
                             "S: c OK SEARCH completed\n";
  CHECK(furnished.play(script) == script);
}
