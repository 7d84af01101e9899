#include <catch2/catch.hpp>

#include "house.h"
#include "support/self_signed.h"

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

const std::string kAppend = "a APPEND INBOX {16+}\r\nSubject: new\r\n\r\n";

Task<> pushedWhileIdle(Street& street) {
  const auto idler = co_await street.inInbox();
  const auto other = co_await street.inInbox();
  co_await idler->send("i IDLE");
  CHECK(co_await idler->line() == "+ idling");
  const std::string appended = co_await other->ask(kAppend);
  CHECK(appended.find("a OK [APPENDUID ") != std::string::npos);
  CHECK(co_await idler->line() == "* 1 EXISTS");
  const std::string recent = co_await idler->line();
  CHECK(recent.ends_with(" RECENT"));
  CHECK(co_await other->ask("b STORE 1 +FLAGS.SILENT \\Deleted") == "b OK STORE completed");
  const std::string flags = co_await idler->line();
  CHECK(flags.starts_with("* 1 FETCH (FLAGS (\\Deleted"));
  CHECK(co_await other->ask("c EXPUNGE") == "* 1 EXPUNGE | c OK EXPUNGE completed");
  CHECK(co_await idler->line() == "* 1 EXPUNGE");
  co_await idler->send("DONE");
  CHECK(co_await idler->line() == "i OK IDLE terminated");
}

Task<> numbersUnderConcurrentExpunge(Street& street) {
  const auto one = co_await street.inInbox();
  for (int i = 0; i < 3; ++i) co_await one->ask(kAppend);
  const auto other = co_await street.inInbox();
  co_await other->ask("b STORE 2 +FLAGS.SILENT \\Deleted");
  co_await other->ask("c EXPUNGE");
  // Numbers must stay while they are being used: message 3 is still 3, and message 2 is gone without a word.
  CHECK(co_await one->ask("d STORE 3 +FLAGS.SILENT \\Flagged") == "d OK STORE completed");
  CHECK(co_await one->ask("e SEARCH FLAGGED") == "* SEARCH 3 | e OK SEARCH completed");
  CHECK(co_await one->ask("f FETCH 2 RFC822.SIZE") == "f NO [EXPUNGEISSUED] Some of the messages are gone");
  CHECK(co_await one->ask("g NOOP") == "* 2 EXPUNGE | g OK NOOP completed");
  CHECK(co_await one->ask("h SEARCH FLAGGED") == "* SEARCH 2 | h OK SEARCH completed");
}

Task<> deletedUnderneath(Street& street) {
  const auto one = co_await street.inInbox();
  co_await one->ask("a CREATE x");
  co_await one->ask("b SELECT x");
  const auto other = co_await street.inInbox();
  CHECK(co_await other->ask("c DELETE x") == "c OK DELETE completed");
  CHECK(co_await one->ask("d NOOP") == "* BYE The mailbox was deleted | d OK NOOP completed");
  CHECK(co_await one->line() == "(end)");
}

Task<> deletedWhileIdle(Street& street) {
  const auto idler = co_await street.inInbox();
  co_await idler->ask("a CREATE x");
  co_await idler->ask("b SELECT x");
  co_await idler->send("i IDLE");
  CHECK(co_await idler->line() == "+ idling");
  const auto other = co_await street.inInbox();
  CHECK(co_await other->ask("c DELETE x") == "c OK DELETE completed");
  CHECK(co_await idler->line() == "* BYE The mailbox was deleted");
}

Task<> renamedAndDeletedByItself(Street& street) {
  const auto one = co_await street.inInbox();
  co_await one->ask("a CREATE x");
  co_await one->ask("b SELECT x");
  CHECK(co_await one->ask("c RENAME x y") == "c OK RENAME completed");
  CHECK(co_await one->ask("d NOOP") == "d OK NOOP completed");
  CHECK(co_await one->ask("e DELETE y") == "e OK DELETE completed");
  CHECK(co_await one->ask("f CHECK") == "f BAD Select a mailbox first");
}

/// 4096 messages in INBOX, made of one.
Task<> fillInbox(Client& client) {
  co_await client.ask(kAppend);
  for (int i = 0; i < 12; ++i) {
    const std::string copied = co_await client.ask("c UID COPY 1:* INBOX");
    CHECK_THAT(copied, Catch::Contains("c OK [COPYUID"));
  }
}

Task<> renamedInSlices(Street& street) {
  const auto one = co_await street.inInbox();
  co_await fillInbox(*one);
  const auto idler = co_await street.inInbox();
  co_await idler->send("i IDLE");
  CHECK(co_await idler->line() == "+ idling");
  const std::string renamed = co_await one->ask("a RENAME INBOX old");
  CHECK(renamed.starts_with("* 4096 EXPUNGE | * 4095 EXPUNGE | "));
  CHECK(renamed.ends_with(" | * 1 EXPUNGE | a OK RENAME completed"));
  // Whatever slices it was told in: each of them from its end.
  for (int left = 4096; left > 0; --left) {
    const std::string expunged = co_await idler->line();
    CHECK(expunged.ends_with(" EXPUNGE"));
  }
  co_await idler->send("DONE");
  CHECK(co_await idler->line() == "i OK IDLE terminated");
  CHECK(co_await one->ask("b STATUS old (MESSAGES)") == "* STATUS \"old\" (MESSAGES 4096) | b OK STATUS completed");
  CHECK(co_await one->ask("c RENAME INBOX old") == "c NO [ALREADYEXISTS] There is a mailbox of that name");
}

Task<> deletedInSlices(FurnishedHouse& furnished, Street& street) {
  const auto one = co_await street.inInbox();
  co_await fillInbox(*one);
  co_await one->ask("a RENAME INBOX large");
  // The second slice finds the account in other hands.
  furnished.postgres.transact([](db::Transaction& transaction) {
    transaction.script(R"sql(
      CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION USING ERRCODE = ''lock_not_available''; END';
      CREATE TRIGGER busy BEFORE DELETE ON posthouse.msg FOR EACH ROW WHEN (OLD.uid > 2000) EXECUTE FUNCTION busy())sql");
  });
  co_await one->ask("b SELECT large");
  CHECK(co_await one->ask("c DELETE large") == "c NO [INUSE] The account is busy, try again");
  const std::string left = co_await one->ask("d NOOP");
  CHECK(left.starts_with("* 2000 EXPUNGE | * 1999 EXPUNGE | "));
  CHECK(left.ends_with(" | * 1 EXPUNGE | d OK NOOP completed"));
  CHECK(co_await one->ask("e STATUS large (MESSAGES)") == "* STATUS \"large\" (MESSAGES 2096) | e OK STATUS completed");
  furnished.postgres.transact(
      [](db::Transaction& transaction) { transaction.script("DROP TRIGGER busy ON posthouse.msg"); });
  CHECK(co_await one->ask("f DELETE large") == "f OK DELETE completed");
  CHECK(co_await one->ask("g CHECK") == "g BAD Select a mailbox first");
  CHECK(co_await one->ask("h SELECT large") == "h NO [NONEXISTENT] No such mailbox");
}

/// The second slice into Archive is committed, but not before imapd has given it up.
Task<> makeLate(FurnishedHouse& furnished, Client& client) {
  co_await client.ask("f UID STORE 3000 +FLAGS.SILENT \\Flagged");
  furnished.postgres.transact([](db::Transaction& transaction) {
    transaction.script(R"sql(
      CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(8); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER late AFTER INSERT ON posthouse.msg DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.mailbox_id <> 1 AND NEW.flags = 2) EXECUTE FUNCTION late())sql");
  });
}

constexpr std::chrono::seconds kLessThanLate{5};

Task<> copiedLate(FurnishedHouse& furnished, Street& street) {
  const auto one = co_await street.inInbox();
  co_await fillInbox(*one);
  const auto other = co_await street.inInbox();
  co_await makeLate(furnished, *one);
  co_await one->send("c COPY 1:* Archive");
  std::string copied;
  do copied = co_await other->ask("d COPY 1 Archive");
  while (copied.starts_with("d NO"));
  const std::string answer = co_await one->line();
  CHECK_THAT(answer, Catch::StartsWith("c NO [SERVERBUG] The connection to the mail store broke"));
  const std::string left = co_await one->ask("e STATUS Archive (MESSAGES UIDNEXT)");
  CHECK_THAT(left, Catch::StartsWith("* STATUS \"Archive\" (MESSAGES 1 UIDNEXT 4"));
}

Task<> movedLate(FurnishedHouse& furnished, Street& street) {
  const auto one = co_await street.inInbox();
  co_await fillInbox(*one);
  co_await makeLate(furnished, *one);
  const std::string answer = co_await one->ask("c UID MOVE 1:* Archive");
  CHECK_THAT(answer.substr(0, 200), Catch::Contains(" 1:2000 1:2000] Moved | * OK [COPYUID ") &&
                                        Catch::Contains(" 2001:4000 2001:4000] Moved | * 4000 EXPUNGE | "));
  CHECK_THAT(answer, Catch::Contains(" | * 1 EXPUNGE | c NO [SERVERBUG] "));
  CHECK(co_await one->ask("d FETCH 1 UID") == "* 1 FETCH (UID 4001) | d OK FETCH completed");
  const std::string rest = co_await one->ask("e UID MOVE 1:* Archive");
  CHECK_THAT(rest, Catch::Contains(" 4001:4096 4001:4096] Moved | "));
  CHECK(co_await one->ask("f STATUS Archive (MESSAGES)") ==
        "* STATUS \"Archive\" (MESSAGES 4096) | f OK STATUS completed");
}

/// Two processes: each knows nothing of what the other has in memory.
Task<> openedByBoth(House& house, Street& street) {
  const auto one = co_await street.inInbox();
  co_await fillInbox(*one);
  co_await one->ask("a UID COPY 1:* INBOX");
  ViewCache first(house.database, 1'000'000);
  const ViewPtr read = co_await first.current(house.alice, store::kInbox);
  CHECK(read->messages.size() == 8192);
  co_await one->ask("b UID STORE 8000 +FLAGS.SILENT \\Flagged");
  ViewCache second(house.database, 1'000'000);
  const ViewPtr remembered = co_await second.current(house.alice, store::kInbox);
  const ViewPtr changed = co_await first.current(house.alice, store::kInbox);
  CHECK(remembered->messages == changed->messages);
  CHECK(remembered->highestModSeq == changed->highestModSeq);
  CHECK(remembered->uidNext == changed->uidNext);
}

Task<> selectedAnew(Street& street) {
  const auto one = co_await street.inInbox();
  co_await one->ask(kAppend);
  co_await one->ask("b NOOP");
  const std::string sent = co_await one->ask("c SELECT Sent");
  CHECK(sent.find("* 0 EXISTS") != std::string::npos);
  CHECK(sent.find("* 1 EXISTS") == std::string::npos);
  CHECK(co_await one->ask("d SEARCH ALL") == "* SEARCH | d OK SEARCH completed");
}

Task<> drained(House& house, Street& street) {
  const auto idler = co_await street.inInbox();
  co_await idler->send("i IDLE");
  CHECK(co_await idler->line() == "+ idling");
  house.stop.request_stop();
  CHECK(co_await idler->line() == "* BYE [UNAVAILABLE] Server restarting, please reconnect");
  CHECK(co_await idler->line() == "(end)");
}

Task<> underTls(Street& street) {
  const auto client = co_await street.connected();
  const std::string greeting = co_await client->line();
  CHECK(greeting.find(" STARTTLS ") != std::string::npos);
  CHECK(co_await client->ask("a STARTTLS") == "a OK Begin TLS negotiation now");
  co_await client->startTls();
  CHECK(co_await client->ask("b CAPABILITY") ==
        "* CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN AUTH=LOGIN | b OK CAPABILITY completed");
  CHECK(co_await client->ask("c STARTTLS") == "c BAD TLS is on already");
  const std::string welcome = co_await client->ask("d LOGIN alice secret");
  CHECK(welcome.starts_with("d OK "));
}

Task<> injectedBehindStartTls(Street& street) {
  const auto client = co_await street.connected();
  co_await client->line();
  CHECK(co_await client->ask("a STARTTLS\r\nb LOGIN eve secret") == "a BAD Commands behind STARTTLS");
}

}  // namespace

TEST_CASE("STARTTLS, after which nothing counts that was said before", "[imapd]") {
  const test::SelfSigned files;
  const auto context = net::TlsContext::server(files.certificate, files.key);
  House house;
  house.tls = &context;
  Street street(house);
  house.loop.runUntilDone(underTls(street));
  house.loop.runUntilDone(injectedBehindStartTls(street));
}

TEST_CASE("an idle client is told what other sessions do", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(pushedWhileIdle(street));
}

TEST_CASE("numbers hold while another session expunges", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(numbersUnderConcurrentExpunge(street));
}

TEST_CASE("a mailbox that is deleted by another session ends this one", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(deletedUnderneath(street));
}

TEST_CASE("an idle session ends when its mailbox is deleted", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(deletedWhileIdle(street));
}

TEST_CASE("a session may rename and delete the mailbox it has selected", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(renamedAndDeletedByItself(street));
}

TEST_CASE("RENAME of a large INBOX moves all of it, and those who show it are told", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(renamedInSlices(street));
}

TEST_CASE("DELETE of a large mailbox that is cut off may be repeated", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(deletedInSlices(furnished, street));
}

TEST_CASE("a COPY of which nobody knows whether it was committed is taken back, and nothing else", "[imapd]") {
  FurnishedHouse furnished(kLessThanLate);
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(copiedLate(furnished, street));
}

TEST_CASE("a MOVE of which nobody knows whether it was committed is told when it is known", "[imapd]") {
  FurnishedHouse furnished(kLessThanLate);
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(movedLate(furnished, street));
}

TEST_CASE("a process opens a large mailbox by what another has remembered of it", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(openedByBoth(furnished.house, street));
  CHECK(furnished.postgres.transact([](db::Transaction& transaction) {
    return transaction.exec1("SELECT count(*) FROM posthouse.mailbox_view")[0].get<std::int64_t>(0);
  }) == 1);
}

TEST_CASE("what was known of one mailbox is not told of the next", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(selectedAnew(street));
}

TEST_CASE("a drain ends idle sessions with BYE", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(drained(furnished.house, street));
}
