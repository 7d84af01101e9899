// Two instances of pop3d on one database: one session has the maildrop.
#include <prometheus/registry.h>

#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "db/database.h"
#include "postgres_mail_store.h"
#include "process_name.h"
#include "services/pop3d_database/commit_cutter.h"
#include "store/account_repository.h"
#include "store/consistency.h"
#include "store/mailbox_repository.h"
#include "support/pooler.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using namespace std::chrono_literals;
using store::MaildropHolder;
using store::Uid;
using Reason = store::MaildropRefusal::Reason;

namespace {

constexpr PostgresMailStore::Terms kTerms{.lease = 1h, .loginDelay = 0ms};

struct Stage;

struct Instance {
  explicit Instance(Stage& stage, PostgresMailStore::Terms terms = kTerms, std::string url = {});

  MailStore::Opened open(const MaildropHolder& holder, const std::string& mailbox = "INBOX");
  std::optional<Updated> update(const MaildropHolder& holder, Update update);
  void release(const MaildropHolder& holder);
  void renew(std::vector<MaildropHolder> holders);

  net::Loop& loop;
  prometheus::Registry registry;
  db::Database pool;
  events::Publisher publisher;
  BlobCache cache;
  PostgresMailStore store;
};

struct Stage {
  Uid append(store::MailboxId mailbox = store::kInbox) {
    const std::string octets = "Subject: x\r\n\r\nbody\r\n";
    const store::Content content(octets, 14, "()", "()");
    return database.transact([&](db::Transaction& transaction) {
      return store::MessageRepository(transaction, alice).append(mailbox, content).value().uid;
    });
  }
  std::vector<Uid> uids(store::MailboxId mailbox = store::kInbox) {
    return database.transact([&](db::Transaction& transaction) {
      CHECK(store::checkAccount(transaction, alice).empty());
      std::vector<Uid> uids;
      for (const auto& message : store::MessageRepository(transaction, alice).sizes(mailbox))
        uids.push_back(message.uid);
      return uids;
    });
  }
  void expunge(Uid uid) {
    database.transact([&](db::Transaction& transaction) {
      store::MessageRepository(transaction, alice).expunge(store::kInbox, {uid}, store::MessageRepository::Which::all);
    });
  }
  void run(std::string_view sql) {
    database.transact([&](db::Transaction& transaction) { transaction.script(sql); });
  }
  std::string one(std::string_view sql) {
    return database.transact(
        [&](db::Transaction& transaction) { return transaction.exec1(sql)[0].get<std::string>(0); });
  }

  MaildropHolder holder(std::string id) const {
    return {.account = alice, .id = id, .session = "session " + id, .instance = "instance " + id};
  }

  test::TestDatabase database;
  store::AccountId alice = database.addAccount("alice");
  net::Loop loop;
  const MaildropHolder first = holder("1");
  const MaildropHolder second = holder("2");
};

Instance::Instance(Stage& stage, PostgresMailStore::Terms terms, std::string url)
    : loop(stage.loop),
      pool(loop,
           {.url = url.empty() ? stage.database.urlAs("posthouse_pop3d") : url,
            .applicationName = "pop3d",
            .poolSize = 2,
            .preparedStatements = true},
           registry),
      publisher(loop, {}, {}, registry),
      cache(0, registry),
      store(pool, publisher, cache, terms) {}
MailStore::Opened Instance::open(const MaildropHolder& holder, const std::string& mailbox) {
  return loop.runUntilDone(store.open(holder, mailbox));
}
std::optional<Updated> Instance::update(const MaildropHolder& holder, Update update) {
  return loop.runUntilDone(store.update(holder, store::kInbox, std::move(update)));
}
void Instance::release(const MaildropHolder& holder) {
  loop.runUntilDone(store.release({holder}));
}
void Instance::renew(std::vector<MaildropHolder> holders) {
  loop.runUntilDone(store.renew(std::move(holders)));
}

Update removal(std::vector<Uid> uids) {
  Update update;
  update.removed = std::move(uids);
  return update;
}

}  // namespace

SCENARIO("one session has the maildrop, at whichever instance", "[pop3d]") {
  Stage stage;
  Instance here(stage), there(stage);
  stage.append();
  const auto before = std::chrono::system_clock::now();
  const MailStore::Opened opened = here.open(stage.first);
  REQUIRE(opened);
  CHECK(opened->messages.size() == 1);
  CHECK(opened->mailbox == store::kInbox);
  CHECK(opened->uidValidity > 0);

  const MailStore::Opened refused = there.open(stage.second);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == Reason::inUse);
  CHECK(refused.error().session == "session 1");
  CHECK(refused.error().instance == "instance 1");
  CHECK(refused.error().since > before - 1min);
  CHECK(refused.error().since < before + 1min);

  CHECK(here.open(stage.first));  // as a repeat after a lost connection would
  there.release(stage.second);    // who does not have it lets nothing go
  there.renew({stage.second});    // and keeps nothing
  CHECK_FALSE(there.open(stage.second));
  here.release(stage.first);
  here.renew({stage.first});  // begun before, and late
  CHECK(there.open(stage.second));
}

SCENARIO("of many who come at once one gets the maildrop", "[pop3d]") {
  Stage stage;
  Instance here(stage), there(stage);
  for (int round = 0; round < 20; ++round) {
    std::vector<MaildropHolder> holders;
    for (int i = 0; i < 8; ++i) holders.push_back(stage.holder(std::to_string(round) + "." + std::to_string(i)));
    std::vector<std::string> winners;
    TaskGroup group;
    struct Try {
      static Task<> once(MailStore& store, const MaildropHolder& holder, std::vector<std::string>& winners) {
        const MailStore::Opened opened = co_await store.open(holder, "INBOX");
        if (opened) winners.push_back(holder.id);
      }
    };
    for (std::size_t i = 0; i < holders.size(); ++i)
      group.spawn(Try::once(i % 2 == 0 ? here.store : there.store, holders[i], winners));
    stage.loop.runUntilDone(group.drained());
    REQUIRE(winners.size() == 1);
    here.release(stage.holder(winners.front()));
  }
}

SCENARIO("the maildrop of an instance that died is free when its lease is over", "[pop3d]") {
  Stage stage;
  stage.append();
  Instance here(stage), there(stage);
  REQUIRE(here.open(stage.first));
  stage.run("UPDATE posthouse.pop3_session SET until = clock_timestamp() - interval '1 second'");
  GIVEN("that nobody took it") {
    THEN("a session that lives after all renews it") {
      here.renew({stage.first});
      CHECK_FALSE(there.open(stage.second));
    }
    THEN("it may still delete") {
      CHECK(here.update(stage.first, removal({Uid{1}})).value().removed == 1);
      CHECK(stage.uids().empty());
      CHECK(there.open(stage.second));
    }
  }
  GIVEN("that somebody took it") {
    REQUIRE(there.open(stage.second));
    THEN("the first has it no more") {
      here.renew({stage.first});
      CHECK_FALSE(here.update(stage.first, removal({Uid{1}})));
      here.release(stage.first);
      CHECK(stage.uids() == std::vector<Uid>{Uid{1}});
      CHECK(stage.one("SELECT holder FROM posthouse.pop3_session") == "2");
    }
    THEN("what the first has read is seen") {
      Update seen;
      seen.seen = {Uid{1}};
      CHECK(here.update(stage.first, seen));
      CHECK(stage.one("SELECT flags::text FROM posthouse.msg") == "1");
      CHECK(stage.one("SELECT holder FROM posthouse.pop3_session") == "2");
    }
  }
}

SCENARIO("a crash of the database, which empties the table, is mended", "[pop3d]") {
  Stage stage;
  stage.append();
  Instance here(stage), there(stage);
  REQUIRE(here.open(stage.first));
  stage.run("TRUNCATE posthouse.pop3_session");
  WHEN("leases are renewed") {
    here.renew({stage.first});
    CHECK_FALSE(there.open(stage.second));
  }
  WHEN("somebody came and went before") {
    REQUIRE(there.open(stage.second));
    here.renew({stage.first});
    there.release(stage.second);
    here.renew({stage.first});
    CHECK_FALSE(there.open(stage.second));
  }
  WHEN("the session says QUIT") {
    CHECK(here.update(stage.first, removal({Uid{1}})).value().removed == 1);
    CHECK(stage.uids().empty());
    CHECK(there.open(stage.second));
  }
}

SCENARIO("renewing waits for nobody", "[pop3d]") {
  Stage stage;
  const store::AccountId bob = stage.database.addAccount("bob");
  const MaildropHolder bobs{.account = bob, .id = "3"};
  Instance here(stage);
  REQUIRE(here.open(stage.first));
  REQUIRE(here.open(bobs));
  stage.run("UPDATE posthouse.pop3_session SET until = 'epoch'");
  db::Connection quitting(stage.database.urlAs("posthouse_pop3d"), "test");
  quitting.script("BEGIN");
  db::Transaction transaction(quitting);
  CHECK(store::MaildropRepository(transaction, stage.alice).hold(stage.first, 1h));
  here.renew({stage.first, bobs});
  CHECK(stage.one("SELECT count(*)::text FROM posthouse.pop3_session WHERE until > clock_timestamp()") == "1");
  quitting.commit();
  here.renew({stage.first, bobs});
  CHECK(stage.one("SELECT count(*)::text FROM posthouse.pop3_session WHERE until > clock_timestamp()") == "2");
}

SCENARIO("a removed account's maildrop is nobody's, whatever its last session has renewed", "[pop3d]") {
  Stage stage;
  Instance here(stage);
  REQUIRE(here.open(stage.first));
  REQUIRE(stage.one("SELECT posthouse.remove_account(login_norm)::text FROM posthouse.login WHERE account_id = " +
                    std::to_string(static_cast<std::int64_t>(stage.alice))) == "true");
  here.renew({stage.first});
  CHECK(stage.one("SELECT count(*)::text FROM posthouse.pop3_session") == "0");
}

SCENARIO("logins have to be so far apart, at whichever instance", "[pop3d]") {
  Stage stage;
  constexpr PostgresMailStore::Terms kDelayed{.lease = 1h, .loginDelay = 10min};
  Instance here(stage, kDelayed), there(stage, kDelayed);
  REQUIRE(here.open(stage.first));
  CHECK(there.open(stage.second).error().reason == Reason::inUse);
  here.release(stage.first);
  for (int i = 0; i < 2; ++i) {
    const MailStore::Opened refused = there.open(stage.second);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == Reason::tooSoon);
    CHECK(refused.error().left <= 10min);
    CHECK(refused.error().left > 9min);
    stage.run("UPDATE posthouse.pop3_session SET since = since - interval '1 second'");
  }
  stage.run("UPDATE posthouse.pop3_session SET since = clock_timestamp() - interval '10 minutes'");
  CHECK(there.open(stage.second));
}

SCENARIO("who begins lets go what those hold that have ended here", "[pop3d]") {
  Stage stage;
  const store::AccountId bob = stage.database.addAccount("bob"), carol = stage.database.addAccount("carol");
  const MaildropHolder dead{.account = stage.alice, .id = "1", .process = processName() + "1"};
  const MaildropHolder alive{.account = bob, .id = "2", .process = processName()};
  const MaildropHolder elsewhere{.account = carol, .id = "3", .process = "another boot/" + processName()};
  Instance here(stage);
  for (const MaildropHolder& holder : {dead, alive, elsewhere}) REQUIRE(here.open(holder));
  stage.loop.runUntilDone(here.store.releaseOfDead());
  CHECK(here.open({.account = stage.alice, .id = "4"}));
  CHECK_FALSE(here.open({.account = bob, .id = "4"}));
  CHECK_FALSE(here.open({.account = carol, .id = "4"}));
}

SCENARIO("a mailbox that is not there is not locked", "[pop3d]") {
  Stage stage;
  Instance here(stage);
  CHECK(here.open(stage.first, "Projects/POP3").error().reason == Reason::noSuchMailbox);
  CHECK(here.open(stage.first, "").error().reason == Reason::noSuchMailbox);
  CHECK(stage.one("SELECT count(*)::text FROM posthouse.pop3_session") == "0");
  const store::Mailbox made = stage.database.transact([&](db::Transaction& transaction) {
    return store::MailboxRepository(transaction, stage.alice).create("Projects/POP3").value();
  });
  stage.append();
  const Uid uid = stage.append(made.id);
  const MailStore::Opened opened = here.open(stage.first, "Projects/POP3");
  REQUIRE(opened);
  CHECK(opened->mailbox == made.id);
  CHECK(opened->uidValidity == made.uidValidity);
  REQUIRE(opened->messages.size() == 1);
  const auto fetched = stage.loop.runUntilDone(here.store.fetch({stage.alice, made.id}, {uid}));
  REQUIRE(fetched.size() == 1);
  CHECK(fetched[0].octets.starts_with("Subject"));
  CHECK(stage.loop.runUntilDone(here.store.update(stage.first, made.id, removal({uid}))).value().removed == 1);
  CHECK(stage.uids(made.id).empty());
  CHECK(stage.uids().size() == 1);
}

SCENARIO("who reads alone takes nothing", "[pop3d]") {
  Stage stage;
  stage.append();
  Instance here(stage);
  REQUIRE(here.open(stage.first));
  const MailStore::Opened opened = stage.loop.runUntilDone(here.store.openToRead(stage.alice, "INBOX"));
  REQUIRE(opened);
  CHECK(opened->messages.size() == 1);
  CHECK(stage.loop.runUntilDone(here.store.openToRead(stage.alice, "No")).error().reason == Reason::noSuchMailbox);
}

SCENARIO("thousands are deleted in one transaction, or none is", "[pop3d]") {
  constexpr int kMessages = 5'000;  // three slices
  Stage stage;
  Instance here(stage);
  stage.append();
  stage.database.transact([&](db::Transaction& transaction) {
    transaction.exec(R"sql(
      INSERT INTO posthouse.msg (account_id, mailbox_id, uid, modseq, email_id, internal_date, save_date, size)
      SELECT account_id, 1, n, modseq, email_id, internal_date, save_date, size FROM posthouse.msg, generate_series(2, $1::int) n)sql",
                     kMessages);
    transaction.exec(
        "UPDATE posthouse.mailbox SET uidnext = $1 + 1, n_msgs = $1, n_unseen = $1, bytes = bytes * $1 WHERE "
        "mailbox_id = 1",
        kMessages);
    transaction.exec("UPDATE posthouse.account_state SET msgs_used = $1, bytes_used = bytes_used * $1", kMessages);
  });
  Update update = removal(stage.uids());
  REQUIRE(update.removed.size() == kMessages);
  REQUIRE(here.open(stage.first));
  WHEN("the last statement fails") {
    stage.run(R"sql(
      CREATE FUNCTION posthouse.break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
      CREATE TRIGGER break BEFORE DELETE ON posthouse.msg FOR EACH ROW WHEN (OLD.uid = 4999) EXECUTE FUNCTION posthouse.break())sql");
    CHECK_THROWS(here.update(stage.first, update));
    CHECK(stage.uids().size() == kMessages);
    CHECK(stage.one("SELECT holder FROM posthouse.pop3_session") == "1");
  }
  WHEN("nothing fails") {
    CHECK(here.update(stage.first, update).value().removed == kMessages);
    CHECK(stage.uids().empty());
    CHECK(stage.one("SELECT holder FROM posthouse.pop3_session").empty());
  }
}

SCENARIO("a try whose end is unknown is repeated, and counted once", "[pop3d]") {
  Stage stage;
  CommitCutter cutter(stage.database);
  Instance here(stage, kTerms, cutter.urlAs("posthouse_pop3d")), there(stage);
  for (int i = 0; i < 3; ++i) stage.append();
  REQUIRE(here.open(stage.first));
  GIVEN("that nobody came between") {
    stage.expunge(Uid{3});  // by IMAP
    cutter.cuts = 1;
    CHECK(here.update(stage.first, removal({Uid{1}, Uid{2}, Uid{3}})).value().removed == 2);
    CHECK(cutter.cuts == 0);
    CHECK(stage.uids().empty());
    CHECK(there.open(stage.second));
  }
  GIVEN("that somebody came between") {
    stage.run(R"sql(
      CREATE FUNCTION posthouse.take() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.holder = '' THEN NEW.holder = 'somebody'; NEW.until = 'infinity'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER take BEFORE UPDATE ON posthouse.pop3_session FOR EACH ROW EXECUTE FUNCTION posthouse.take())sql");
    cutter.cuts = 1;
    // It was done, and that cannot be known: no answer says that nothing was deleted.
    CHECK_THROWS_WITH(here.update(stage.first, removal({Uid{1}})), Catch::Contains("lost during a deletion"));
    CHECK(stage.uids().size() == 2);
  }
}

SCENARIO("all of it works through a pooler that mixes the connections of its clients", "[pop3d]") {
  Stage stage;
  const test::Pooler pooler(stage.database);
  Instance here(stage, kTerms, pooler.urlAs("posthouse_pop3d"));
  Instance there(stage, kTerms, pooler.urlAs("posthouse_pop3d"));
  stage.append();
  REQUIRE(here.open(stage.first));
  CHECK_FALSE(there.open(stage.second));
  here.renew({stage.first});
  CHECK(here.update(stage.first, removal({Uid{1}})).value().removed == 1);
  CHECK(there.open(stage.second).value().messages.empty());
}

SCENARIO("what POP3 has fetched goes when it is old enough, and nothing else does", "[pop3d]") {
  Stage stage;
  Instance here(stage);
  for (int i = 0; i < 4; ++i) stage.append();
  REQUIRE(here.open(stage.first));
  Update fetched;
  fetched.seen = {Uid{1}, Uid{2}};
  fetched.retrieved = store::UidSet{Uid{1}, Uid{2}};
  fetched.expireAfter = std::chrono::days(3);
  CHECK(here.update(stage.first, fetched).value().expired == 0);
  // Long ago, but for the second; what its sender, or who brought it by IMAP, says of the date does not count.
  stage.run("UPDATE posthouse.msg SET save_date = save_date - interval '73 hours' WHERE uid <> 2");
  stage.run("UPDATE posthouse.msg SET internal_date = 'epoch'");

  REQUIRE(here.open(stage.first));
  Update quit;
  CHECK(here.update(stage.first, quit).value().expired == 0);  // EXPIRE NEVER
  CHECK(stage.uids().size() == 4);
  REQUIRE(here.open(stage.first));
  quit.expireAfter = std::chrono::days(3);
  quit.seen = quit.removed = {};
  quit.removed = {Uid{4}};
  const Updated updated = here.update(stage.first, quit).value();
  CHECK(updated.expired == 1);
  CHECK(updated.removed == 1);
  CHECK(stage.uids() == std::vector<Uid>{Uid{2}, Uid{3}});

  REQUIRE(here.open(stage.first));
  quit = {};
  quit.retrieved = store::UidSet{Uid{3}};  // fetched now, and old already
  quit.expireAfter = std::chrono::days(3);
  CHECK(here.update(stage.first, quit).value().expired == 1);
  CHECK(stage.uids() == std::vector<Uid>{Uid{2}});
}

SCENARIO("with the account goes what POP3 knew of it", "[pop3d]") {
  Stage stage;
  Instance here(stage);
  stage.append();
  REQUIRE(here.open(stage.first));
  Update fetched;
  fetched.seen = {Uid{1}};
  fetched.retrieved = store::UidSet{Uid{1}};
  here.update(stage.first, fetched);
  stage.database.transact(
      [&](db::Transaction& transaction) { CHECK(store::AccountRepository(transaction).remove("alice@mail.test")); });
  CHECK(stage.one("SELECT count(*)::text FROM posthouse.pop3_session") == "0");
  CHECK(stage.one("SELECT count(*)::text FROM posthouse.pop3_retrieved") == "0");
}
