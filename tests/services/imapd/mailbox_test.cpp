#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "house.h"

using namespace posthouse;
using namespace posthouse::imapd;

TEST_CASE("LIST and LSUB show mailboxes with their uses", "[imapd]") {
  FurnishedHouse furnished;
  const std::string script =
      "C: b LIST \"\" \"\"\n"
      "S: * LIST (\\Noselect) \"/\" \"\"\n"
      "S: b OK LIST completed\n"
      "C: c CREATE Work/2026/\n"
      "S: c OK CREATE completed\n"
      "C: d CREATE \"Entw&APw-rfe\"\n"
      "S: d OK CREATE completed\n"
      "C: e LIST \"\" %\n"
      "S: * LIST (\\HasNoChildren) \"/\" \"INBOX\"\n"
      "S: * LIST (\\HasNoChildren \\Archive) \"/\" \"Archive\"\n"
      "S: * LIST (\\HasNoChildren \\Drafts) \"/\" \"Drafts\"\n"
      "S: * LIST (\\HasNoChildren) \"/\" \"Entw&APw-rfe\"\n"
      "S: * LIST (\\HasNoChildren \\Junk) \"/\" \"Junk\"\n"
      "S: * LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\n"
      "S: * LIST (\\HasNoChildren \\Trash) \"/\" \"Trash\"\n"
      "S: * LIST (\\HasChildren) \"/\" \"Work\"\n"
      "S: e OK LIST completed\n"
      "C: f LIST Work/ *\n"
      "S: * LIST (\\HasNoChildren) \"/\" \"Work/2026\"\n"
      "S: f OK LIST completed\n"
      "C: g SUBSCRIBE Work/2026\n"
      "S: g OK SUBSCRIBE completed\n"
      "C: h LSUB \"\" W%\n"
      "S: * LSUB (\\Noselect) \"/\" \"Work\"\n"
      "S: h OK LSUB completed\n"
      "C: i LSUB \"\" W*\n"
      "S: * LSUB () \"/\" \"Work/2026\"\n"
      "S: i OK LSUB completed\n"
      "C: j UNSUBSCRIBE Work/2026\n"
      "S: j OK UNSUBSCRIBE completed\n"
      "C: k LSUB \"\" W*\n"
      "S: k OK LSUB completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("CREATE, RENAME and DELETE say why not", "[imapd]") {
  FurnishedHouse furnished;
  const std::string script =
      "C: b CREATE INBOX\n"
      "S: b NO [ALREADYEXISTS] There is a mailbox of that name\n"
      "C: c CREATE a//b\n"
      "S: c NO [CANNOT] No mailbox can have that name\n"
      "C: d CREATE a/b\n"
      "S: d OK CREATE completed\n"
      "C: e DELETE a\n"
      "S: e NO [HASCHILDREN] There are mailboxes below it\n"
      "C: f RENAME a c\n"
      "S: f OK RENAME completed\n"
      "C: g DELETE c/b\n"
      "S: g OK DELETE completed\n"
      "C: h DELETE c/b\n"
      "S: h NO [NONEXISTENT] No such mailbox\n"
      "C: i DELETE INBOX\n"
      "S: i NO [CANNOT] INBOX stays\n"
      "C: j SELECT nowhere\n"
      "S: j NO [NONEXISTENT] No such mailbox\n"
      "C: k STATUS nowhere (MESSAGES)\n"
      "S: k NO [NONEXISTENT] No such mailbox\n"
      "C: l RENAME nowhere there\n"
      "S: l NO [NONEXISTENT] No such mailbox\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("an account has so many subscriptions and mailboxes and is told when it has them", "[imapd]") {
  FurnishedHouse furnished;
  furnished.postgres.transact([&](db::Transaction& transaction) {
    transaction.exec("DELETE FROM posthouse.subscription");
    transaction.exec(
        "INSERT INTO posthouse.subscription (account_id, name) SELECT $1, 's' || n FROM generate_series(1, $2::int) n",
        furnished.alice, store::MailboxRepository::kMaxSubscriptions);
    transaction.exec(R"sql(
      INSERT INTO posthouse.mailbox (account_id, mailbox_id, parent_id, name, uidvalidity)
        SELECT $1, 1000 + n, 0, 'm' || n, 1 FROM generate_series(1, $2::int) n)sql",
                     furnished.alice, store::MailboxRepository::kMaxMailboxes);
  });
  const std::string script =
      "C: b SUBSCRIBE \"one more\"\n"
      "S: b NO [LIMIT] Too many subscriptions\n"
      "C: c SUBSCRIBE s1\n"
      "S: c OK SUBSCRIBE completed\n"
      "C: d CREATE \"one more\"\n"
      "S: d NO [LIMIT] Too many mailboxes\n"
      "C: e RENAME INBOX \"one more\"\n"
      "S: e NO [LIMIT] Too many mailboxes\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("other programs are told when the set of mailboxes changes, each time of something new", "[imapd]") {
  FurnishedHouse furnished;
  std::vector<std::optional<store::MailboxId>> changed;
  std::vector<store::ModSeq> modSeqs;
  furnished.house.services.committed = [&](auto, std::optional<store::MailboxId> mailbox, store::ModSeq modSeq) {
    changed.push_back(mailbox);
    modSeqs.push_back(modSeq);
  };
  furnished.play(
      "C: b CREATE x\n"
      "C: c RENAME x y\n"
      "C: d DELETE y\n"
      "C: e DELETE y\n"
      "C: f APPEND INBOX {3+}\n"
      "C: xyz\n"
      "C: g RENAME INBOX z\n");
  using Changed = std::vector<std::optional<store::MailboxId>>;
  const store::MailboxId z{8};
  CHECK(changed == Changed{std::nullopt, std::nullopt, std::nullopt, store::kInbox, store::kInbox, z, std::nullopt});
  const auto [least, most] = std::ranges::minmax(modSeqs);
  CHECK(least == modSeqs.front());
  CHECK(most == modSeqs.back());
  CHECK(std::set(modSeqs.begin(), modSeqs.end()).size() == 5);  // RENAME of INBOX has one for all
}

TEST_CASE("APPEND, STATUS, SELECT and EXAMINE", "[imapd]") {
  FurnishedHouse furnished;
  const std::string script =
      "C: b APPEND nowhere {9}\n"
      "S: b NO [TRYCREATE] No such mailbox\n"
      "C: c APPEND nowhere {9+}\n"
      "C: 123456789\n"
      "S: c NO [TRYCREATE] No such mailbox\n"
      "C: d APPEND INBOX (\\Seen $Fun) \"17-Jul-1996 02:44:25 -0700\" {19}\n"
      "S: + Ready for the message\n"
      "C: Subject: one\n"
      "C: \n"
      "C: 1\n"
      "C: \n"
      "S: d OK [APPENDUID V 1] APPEND completed\n"
      "C: e APPEND INBOX {19+}\n"
      "C: Subject: two\n"
      "C: \n"
      "C: 2\n"
      "C: \n"
      "S: e OK [APPENDUID V 2] APPEND completed\n"
      "C: f STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)\n"
      "S: * STATUS \"INBOX\" (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY V UNSEEN 1)\n"
      "S: f OK STATUS completed\n"
      "C: g EXAMINE INBOX\n"
      "S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing $Fun)\n"
      "S: * 2 EXISTS\n"
      "S: * 2 RECENT\n"
      "S: * OK [UNSEEN 2] First unseen message\n"
      "S: * OK [PERMANENTFLAGS ()] Read-only\n"
      "S: * OK [UIDVALIDITY V] UIDs valid\n"
      "S: * OK [UIDNEXT 3] Predicted next UID\n"
      "S: g OK [READ-ONLY] EXAMINE completed\n"
      "C: h STORE 1 +FLAGS \\Deleted\n"
      "S: h NO [CANNOT] The mailbox is open read-only\n"
      "C: i FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE UID)\n"
      "S: * 1 FETCH (FLAGS (\\Seen $Fun \\Recent) INTERNALDATE \"17-Jul-1996 09:44:25 +0000\" RFC822.SIZE 19 UID 1)\n"
      "S: i OK FETCH completed\n";
  const std::string transcript = furnished.play(script);
  // The second message's date is now: its line is not part of the script.
  CHECK(transcript.find(script.substr(0, script.find("S: i OK"))) == 0);
  const std::string select =
      "C: b SELECT INBOX\n"
      "S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing $Fun)\n"
      "S: * 2 EXISTS\n"
      "S: * 2 RECENT\n"
      "S: * OK [UNSEEN 2] First unseen message\n"
      "S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk "
      "$Phishing $Fun \\*)] Kept\n"
      "S: * OK [UIDVALIDITY V] UIDs valid\n"
      "S: * OK [UIDNEXT 3] Predicted next UID\n"
      "S: b OK [READ-WRITE] SELECT completed\n"
      "C: c STATUS INBOX (RECENT)\n"
      "S: * STATUS \"INBOX\" (RECENT 0)\n"
      "S: c OK STATUS completed\n"
      "C: d UNSELECT\n"
      "S: d OK UNSELECT completed\n"
      "C: e FETCH 1 FLAGS\n"
      "S: e BAD Select a mailbox first\n";
  CHECK(furnished.play(select) == select);
}

TEST_CASE("an APPEND with too large a header", "[imapd]") {
  FurnishedHouse furnished;
  furnished.house.config.maxHeaderSize = 10;
  const std::string script =
      "C: b APPEND INBOX {11+}\n"
      "C: 12345678901\n"
      "S: b NO [TOOBIG] A header may have 10 octets\n"
      "C: c STATUS INBOX (MESSAGES)\n"
      "S: * STATUS \"INBOX\" (MESSAGES 0)\n"
      "S: c OK STATUS completed\n";
  CHECK(furnished.play(script) == script);
}

TEST_CASE("an APPEND that is too big, empty or followed by more", "[imapd]") {
  FurnishedHouse furnished;
  furnished.house.config.maxMessageSize = 20;
  const std::string script =
      "C: b APPEND INBOX {21}\n"
      "S: b NO [TOOBIG] A message may have 20 octets\n"
      "C: c APPEND INBOX {0}\n"
      "S: c NO [CANNOT] An empty message\n"
      "C: d APPEND INBOX {3+}\n"
      "C: xyz {3+}\n"
      "C: xyz\n"
      "S: d BAD Text after the message\n"
      "C: e APPEND INBOX {21+}\n"
      "C: 123456789012345678901\n"
      "S: e NO [TOOBIG] A message may have 20 octets\n"
      "C: f APPEND INBOX (\\Recent) {3}\n"
      "S: + Ready for the literal\n"
      "C: xyz\n"
      "S: f BAD \\Recent is no flag that a client can set\n";
  CHECK(furnished.play(script) == script);
}
