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

Task<> deletedWhileIdle(House& house, Street& street) {
  const auto idler = co_await street.inInbox();
  co_await idler->ask("a CREATE x");
  co_await idler->ask("b SELECT x");
  co_await idler->send("i IDLE");
  CHECK(co_await idler->line() == "+ idling");
  const auto other = co_await street.inInbox();
  CHECK(co_await other->ask("c DELETE x") == "c OK DELETE completed");
  house.watchers.polled(house.alice, store::ModSeq{1'000'000});
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
  furnished.house.loop.runUntilDone(deletedWhileIdle(furnished.house, street));
}

TEST_CASE("a session may rename and delete the mailbox it has selected", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(renamedAndDeletedByItself(street));
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
