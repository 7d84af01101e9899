// Who has the maildrop, how often, which mailbox it is, and what expires (RFC 1939 §4, §6, §8; RFC 2449 §6.5, §6.7,
// §8.1).
#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "play.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using namespace std::chrono_literals;

namespace {

const std::string kLogin =
    "C: USER alice@example.org\n"
    "S: +OK Send the password\n"
    "C: PASS secret\n";
const std::string kInUse =
    "S: -ERR [IN-USE] The maildrop has been in use since 2024-10-04 00:00:00 UTC: by session s1 of instance "
    "elsewhere\n";

MemoryStore threeMessages() {
  return MemoryStore({"a: b\r\n\r\n1\r\n", "a: b\r\n\r\n2\r\n", "a: b\r\n\r\n3\r\n"});
}
const std::string kThree = "S: +OK Maildrop has 3 messages (33 octets)\n";

std::string retrieve(int number) {
  return "C: RETR " + std::to_string(number) + "\nS: +OK 11 octets\nS: a: b\nS: \nS: " + std::to_string(number) +
         "\nS: .\n";
}

const std::string kAskCapabilities =
    "C: CAPA\nS: \nS: \nS: \nS: \nS: \nS: \nS: \nS: \nS: \nS: \nS: \n";  // for eleven lines

}  // namespace

SCENARIO("a maildrop that another session has is not opened", "[pop3d]") {
  Stage stage;
  stage.store.takenBy = "somebody";
  const std::string script = kGreeting + kLogin + kInUse +
                             "C: STAT\n"
                             "S: -ERR Log in first\n"
                             "C: QUIT\n"
                             "S: +OK Bye\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.takenBy == "somebody");
}

SCENARIO("a session that is about to end is waited for", "[pop3d]") {
  Stage stage;
  stage.config.inUsePatience = 100ms;
  stage.store.takenBy = "somebody";
  stage.store.leavesAfterOpens = 3;
  const std::string script = kGreeting + kLogin + "S: +OK Maildrop has 0 messages (0 octets)\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.opens == 4);
}

SCENARIO("the maildrop is free after the session, however it ends", "[pop3d]") {
  Stage stage;
  stage.store = threeMessages();
  SECTION("with QUIT") {
    stage.play(kGreeting + kLogin + kThree + "C: DELE 1\nS: +OK\nC: QUIT\nS: +OK\n");
  }
  SECTION("with QUIT and nothing to do") {
    stage.play(kGreeting + kLogin + kThree + "C: QUIT\nS: +OK\n");
  }
  SECTION("without") {
    stage.play(kGreeting + kLogin + kThree + "C: DELE 1\nS: +OK\n");
  }
  SECTION("without, and something was read") {
    stage.play(kGreeting + kLogin + kThree + retrieve(1));
  }
  SECTION("after too many errors") {
    stage.config.maxErrors = 1;
    stage.play(kGreeting + kLogin + kThree + "C: WHAT\nS: -ERR\n");
  }
  CHECK(stage.store.opens == 1);
  CHECK(stage.store.takenBy.empty());
}

SCENARIO("who reads alone needs no maildrop for himself", "[pop3d]") {
  Stage stage;
  stage.store = threeMessages();
  stage.store.takenBy = "somebody";
  stage.store.left = 1h;
  stage.config.expire = std::chrono::days(0);
  stage.authenticator.identity.readOnly = true;
  const std::string script = kGreeting + kLogin + kThree + retrieve(1) + "C: QUIT\nS: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.size() == 3);
  CHECK(stage.store.takenBy == "somebody");
}

SCENARIO("who has lost the maildrop to somebody deletes nothing", "[pop3d]") {
  Stage stage;
  stage.store = threeMessages();
  stage.store.leavesAfterOpens = 0;
  const std::string script =
      kGreeting + kLogin + kThree + retrieve(2) + "C: DELE 1\nS: +OK Message 1 will be deleted at QUIT\n";
  const std::string end =
      "C: QUIT\nS: -ERR [SYS/TEMP] Another session has taken the maildrop, nothing was deleted (session ID)\n";
  struct Thief final : MailStore {
    explicit Thief(MemoryStore& store) : store(store) {}
    Task<Opened> open(const store::MaildropHolder& holder, const std::string& mailbox) override {
      Opened opened = co_await store.open(holder, mailbox);
      store.takenBy = "somebody";
      co_return opened;
    }
    Task<Opened> openToRead(store::AccountId account, const std::string& mailbox) override {
      return store.openToRead(account, mailbox);
    }
    Task<std::vector<StoredMessage>> fetch(MaildropId id, store::UidSet uids) override {
      return store.fetch(id, std::move(uids));
    }
    Task<std::string> readPiece(store::BlobPieces pieces, std::uint64_t number) override {
      return store.readPiece(pieces, number);
    }
    Task<std::optional<Updated>> update(const store::MaildropHolder& holder, store::MailboxId id,
                                        Update update) override {
      return store.update(holder, id, std::move(update));
    }
    Task<> release(std::vector<store::MaildropHolder> holders) override { return store.release(std::move(holders)); }
    Task<> releaseOfDead() override { return store.releaseOfDead(); }
    Task<> renew(std::vector<store::MaildropHolder> holders) override { return store.renew(std::move(holders)); }
    MemoryStore& store;
  } thief(stage.store);
  CHECK(stage.play(script + end, thief) == script + end);
  CHECK(stage.store.size() == 3);
  CHECK(stage.store.seen == std::vector<std::uint32_t>{2});
  CHECK(stage.store.takenBy == "somebody");
}

SCENARIO("logins that come too soon are sent away", "[pop3d]") {
  Stage stage;
  stage.config.loginDelay = 10min;
  stage.store.left = 90'001ms;
  const std::string script =
      kGreeting + kLogin +
      "S: -ERR [LOGIN-DELAY] Minimum time between mail checks is 600 s, please come again in 91 s\n";
  CHECK(stage.play(script) == script);
  CHECK_THAT(stage.play(kGreeting + kAskCapabilities), Catch::Contains("S: LOGIN-DELAY 600\n"));
}

SCENARIO("the maildrop may be another mailbox than INBOX", "[pop3d]") {
  Stage stage;
  stage.store = threeMessages();
  stage.mailbox = "Entw\xC3\xBCrfe/POP3";
  GIVEN("an account that lacks it") {
    const std::string script = kGreeting + kLogin +
                               "S: -ERR [SYS/PERM] There is no mailbox \"Entw??rfe/POP3\", which is the maildrop "
                               "here: make it by IMAP, or ask the administrator\n";
    CHECK(stage.play(script) == script);
    CHECK(stage.store.takenBy.empty());
  }
  GIVEN("an account that has it") {
    stage.store.name = stage.mailbox;
    CHECK(stage.play(kGreeting + kLogin + kThree) == kGreeting + kLogin + kThree);
  }
}

SCENARIO("what expires at once goes at the QUIT of who fetched it", "[pop3d]") {
  Stage stage;
  stage.store = threeMessages();
  stage.config.expire = std::chrono::days(0);
  const std::string script = kGreeting + kLogin + kThree + retrieve(1) + retrieve(2) +
                             "C: DELE 2\n"
                             "S: +OK Message 2 will be deleted at QUIT\n"
                             "C: TOP 3 1\n"
                             "S: +OK The top follows\n"
                             "S: a: b\n"
                             "S: \n"
                             "S: 3\n"
                             "S: .\n";
  WHEN("he says QUIT") {
    const std::string end = "C: QUIT\nS: +OK Bye, 1 message deleted, 1 expired\n";
    CHECK(stage.play(script + end) == script + end);
    CHECK(stage.store.size() == 1);
  }
  WHEN("he does not") {
    CHECK(stage.play(script) == script);
    CHECK(stage.store.size() == 3);
  }
  WHEN("it is not known that he has what he fetched") {
    stage.losesReplies = true;
    stage.config.receiptPatience = 1ms;
    const std::string end = "C: QUIT\nS: +OK Bye, 1 message deleted\n";
    CHECK(stage.play(script + end) == script + end);
    CHECK(stage.store.size() == 2);
    CHECK(stage.store.retrieved.empty());
  }
  WHEN("he is gone without having read it") {
    stage.breaksOff = true;
    const std::string end = "C: QUIT\nS: +OK Bye, 1 message deleted\n";
    CHECK(stage.play(script + end) == script + end);
    CHECK(stage.store.size() == 2);
    CHECK(stage.store.retrieved.empty());
  }
  CHECK_THAT(stage.play(kGreeting + kAskCapabilities), Catch::Contains("S: EXPIRE 0\n"));
}

SCENARIO("what was fetched is remembered at QUIT, and nothing else is", "[pop3d]") {
  Stage stage;
  stage.store = threeMessages();
  stage.store.remove(1);
  const std::string script =
      kGreeting + kLogin + "S: +OK Maildrop has 2 messages (22 octets)\n" + "C: RETR 1\nS: 1\nS: 2\nS: 3\nS: 4\nS: 5\n";
  stage.config.expire = std::chrono::days(30);
  WHEN("the session ends with QUIT") {
    stage.play(script + "C: QUIT\nS: +OK\n");
    CHECK(stage.store.retrieved == store::UidSet::range(store::Uid{1}, store::Uid{2}));
    CHECK(stage.store.expireAfter == std::chrono::days(30));
  }
  WHEN("it ends otherwise") {
    stage.play(script);
    CHECK(stage.store.retrieved.empty());
    CHECK_FALSE(stage.store.expireAfter);
    CHECK(stage.store.seen == std::vector<std::uint32_t>{2});
  }
  CHECK_THAT(stage.play(kGreeting + kAskCapabilities), Catch::Contains("S: EXPIRE 30\n"));
}

SCENARIO("a maildrop that may have been taken by a login that failed is free after the next", "[pop3d]") {
  Stage stage;
  stage.store = threeMessages();
  stage.store.losesOpened = 1;
  const std::string script = kGreeting + kLogin +
                             "S: -ERR [SYS/TEMP] Temporary failure, please try again later (session ID)\n" + kLogin +
                             kThree + "C: QUIT\nS: +OK Bye, 0 messages deleted\n";
  CHECK(stage.play(script) == script);
  CHECK(stage.store.releases == 2);
}

namespace {

/// A claim that ends while its lease is renewed.
Task<> leaveDuringRenewal(Stage& stage) {
  std::optional<Leases::Claim> held;
  held.emplace(stage.leases, store::MaildropHolder{.account = store::AccountId{2}, .id = "b"});
  held->granted();
  stage.store.takenBy = "b";
  stage.store.duringRenewal = [&] { held.reset(); };
  std::stop_source stop;
  TaskGroup running;
  running.spawn(stage.leases.run(stage.loop, 1ms, stage.log, stop.get_token()));
  while (stage.store.releases == 0) co_await stage.loop.sleep(1ms);
  stop.request_stop();
  co_await running.drained();
}

}  // namespace

SCENARIO("a renewal that comes later than the end of a session takes nothing", "[pop3d]") {
  Stage stage;
  stage.loop.runUntilDone(leaveDuringRenewal(stage));
  CHECK(stage.store.takenBy.empty());
}

namespace {

Task<> renewTwice(Stage& stage) {
  Leases::Claim waiting(stage.leases, {.account = store::AccountId{1}, .id = "a"});
  std::optional<Leases::Claim> held;
  held.emplace(stage.leases, store::MaildropHolder{.account = store::AccountId{2}, .id = "b"});
  held->granted();
  std::stop_source stop;
  TaskGroup running;
  running.spawn(stage.leases.run(stage.loop, 1ms, stage.log, stop.get_token()));
  while (stage.store.renewed.size() < 2) co_await stage.loop.sleep(1ms);
  stage.store.away = true;
  co_await stage.loop.sleep(5ms);
  stage.store.away = false;
  const std::size_t before = stage.store.renewed.size();
  while (stage.store.renewed.size() == before) co_await stage.loop.sleep(1ms);
  held.reset();
  co_await stage.loop.yield();
  const std::size_t after = stage.store.renewed.size();
  co_await stage.loop.sleep(10ms);
  CHECK(stage.store.renewed.size() == after);
  stop.request_stop();
  co_await running.drained();
}

}  // namespace

SCENARIO("what is held is renewed, also after the store was away, until it is let go", "[pop3d]") {
  Stage stage;
  stage.loop.runUntilDone(renewTwice(stage));
  CHECK(stage.store.looksForDead == 1);
  for (const auto& holders : stage.store.renewed) {
    REQUIRE(holders.size() == 1);
    CHECK(holders.front().id == "b");
  }
}
