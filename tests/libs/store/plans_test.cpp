// Every statement that is made for a session, a message or a timer goes straight to its rows, whatever the tables are
// like.
#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "store/account_repository.h"
#include "store/app_password_repository.h"
#include "store/blob_store.h"
#include "store/change_repository.h"
#include "store/collector.h"
#include "store/delivery_repository.h"
#include "store/keyword_repository.h"
#include "store/mailbox_repository.h"
#include "store/maildrop_repository.h"
#include "store/message_repository.h"
#include "store/queue_repository.h"
#include "store/totp_repository.h"
#include "store/view_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;
using namespace std::chrono_literals;

namespace {

const std::string kMail = "Subject: x\r\n\r\nbody\r\n";

/// Many small accounts and a large one, so that what is right on the average is wrong for alice; a long queue of which
/// little is due; much that the collector has yet to wait for.
void fill(test::TestDatabase& database, AccountId alice, AccountId bob) {
  database.transact([&](db::Transaction& transaction) {
    transaction.script(R"sql(
      INSERT INTO posthouse.account (account_id, address) SELECT 1000 + n, n || '@x.example' FROM generate_series(1, 5000) n;
      INSERT INTO posthouse.pop3_session SELECT 1000 + n, n, 'infinity', now(), '', '', '' FROM generate_series(1, 5000) n;
      INSERT INTO posthouse.pop3_retrieved SELECT 1000 + n, 1, '{[1,100)}' FROM generate_series(1, 5000) n;
      INSERT INTO posthouse.login (login_norm, account_id, domain) SELECT n || '@x.example', 1000 + n, 'x.example' FROM generate_series(1, 5000) n;
      INSERT INTO posthouse.domain (name) SELECT n || '.example' FROM generate_series(1, 1000) n UNION ALL SELECT 'x.example';
      INSERT INTO posthouse.app_password (account_id, label, digest, scram, protocols, networks)
        SELECT 1000 + n, m, (n || m)::bytea, '', 'imap', '' FROM generate_series(1, 1000) n, unnest('{a,b,c}'::text[]) m;
      INSERT INTO posthouse.totp (account_id, secret) SELECT 1000 + n, '' FROM generate_series(1, 1000) n;
      INSERT INTO posthouse.recovery_code (account_id, digest) SELECT 1000 + n, m::bytea FROM generate_series(1, 1000) n, unnest('{a,b,c}'::text[]) m;
      INSERT INTO posthouse.alias (address, domain, members) SELECT 'a' || n || '@x.example', 'x.example', '{b@x.example}' FROM generate_series(1, 5000) n;
      INSERT INTO posthouse.account_state (account_id) SELECT 1000 + n FROM generate_series(1, 5000) n;
      INSERT INTO posthouse.mailbox (account_id, mailbox_id, uidvalidity, name) SELECT 1000 + n, m, n, 'box' || m FROM generate_series(1, 300) n, generate_series(1, 6) m;
      INSERT INTO posthouse.mailbox_view (account_id, mailbox_id, modseq, image) SELECT 1000 + n, m, 1, repeat('x', 300)::bytea FROM generate_series(1, 1000) n, generate_series(1, 6) m;
      INSERT INTO posthouse.subscription (account_id, name) SELECT 1000 + n, 'box' || m FROM generate_series(1, 300) n, generate_series(1, 6) m;
      INSERT INTO posthouse.keyword (account_id, bit, name) SELECT 1000 + n, m, 'word' || m FROM generate_series(1, 300) n, generate_series(1, 6) m;
      INSERT INTO posthouse.blob (blob_id, size, enc, data) SELECT sha256(n::text::bytea), 1, 0, 'x' FROM generate_series(1, 6000) n;
      INSERT INTO posthouse.blob_chunk (blob_id, seq, data) SELECT sha256(n::text::bytea), m, 'x' FROM generate_series(1, 2000) n, generate_series(0, 2) m;
      INSERT INTO posthouse.blob_gc (blob_id) SELECT sha256(n::text::bytea) FROM generate_series(1, 6000) n;
      INSERT INTO posthouse.change_log (account_id, modseq, mailbox_id, op, uids) SELECT 1000 + n, m, 1, 'F', '{[1,2)}' FROM generate_series(1, 300) n, generate_series(1, 10) m;
      INSERT INTO posthouse.account_work (account_id, kind, lo, hi) SELECT 1000 + n, 'X', m, m FROM generate_series(1, 300) n, generate_series(1, 10) m;
      INSERT INTO posthouse.queue_msg (qshard, qid, sender, envid, ret, blob_id, size, created_at, expires_at)
        SELECT n & 15, n, '', '', '-', sha256(n::text::bytea), 1, now(), now() FROM generate_series(1, 6000) n;
      INSERT INTO posthouse.queue_rcpt (qshard, qid, rno, dest, rcpt, orcpt, notify, next_at)
        SELECT n & 15, n, 1, 'x.example', 'a@x.example', '', 0, now() + n * interval '1 minute' FROM generate_series(1, 6000) n;)sql");
    const auto mailOf = [&](AccountId account, int from, int to) {
      transaction.exec(R"sql(
        INSERT INTO posthouse.msg (account_id, mailbox_id, uid, modseq, email_id, internal_date, save_date, size)
        SELECT $1, 1 + n % 2, n, n, n, now(), now(), 100 FROM generate_series($2::int, $3::int) n)sql",
                       account, from, to);
      transaction.exec(R"sql(
        INSERT INTO posthouse.email (account_id, email_id, thread_id, received_at, size, hdr_size, blob_id, envelope, bodystructure, prefix)
        SELECT $1, n, n, now(), 100, 10, sha256(n::text::bytea), '', '', '' FROM generate_series($2::int, $3::int) n)sql",
                       account, from, to);
      transaction.exec(R"sql(
        INSERT INTO posthouse.blob_ref (blob_id, kind, holder, item) SELECT sha256(n::text::bytea), 'a', $1, n FROM generate_series($2::int, $3::int) n)sql",
                       account, from, to);
      transaction.exec(R"sql(
        INSERT INTO posthouse.delivery_key (account_id, key, kind, uid) SELECT $1, n::text::bytea, 'q', n FROM generate_series($2::int, $3::int) n)sql",
                       account, from, to);
      transaction.exec(
          "UPDATE posthouse.mailbox SET uidnext = $2::int, highestmodseq = $2::int, n_msgs = $2::int / 2 WHERE "
          "account_id = $1 AND "
          "mailbox_id < 3",
          account, to + 1);
      transaction.exec(
          "UPDATE posthouse.account_state SET modseq = $2::int, next_email = $2::int, msgs_used = $2::int, bytes_used "
          "= 100 * $2::int "
          "WHERE "
          "account_id = $1",
          account, to + 1);
    };
    mailOf(alice, 1, 6000);
    mailOf(bob, 1, 600);
    for (int account = 1001; account <= 1300; ++account) mailOf(AccountId{account}, 1, 6);
  });
  database.transact([](db::Transaction& transaction) { transaction.exec("ANALYZE"); });
}

struct Statement {
  std::string name;
  std::int64_t most;  // rows that it may look at, the system's own tables apart
  std::function<void(db::Transaction&)> run;
};

std::vector<Statement> statements(AccountId alice, AccountId bob) {
  UidSet sparse;  // 100 of the 3,000 in alice's INBOX, which has the even ones
  for (unsigned uid = 2002; uid < 2402; uid += 4) sparse.add(Uid{uid});
  const UidSet dense = UidSet::range(Uid{2001}, Uid{2200});
  const auto messages = [alice](auto job) {
    return [alice, job](db::Transaction& transaction) { job(MessageRepository(transaction, alice)); };
  };
  const auto mailboxes = [alice](auto job) {
    return [alice, job](db::Transaction& transaction) { job(MailboxRepository(transaction, alice)); };
  };
  const auto collector = [](auto job) { return [job](db::Transaction& transaction) { job(Collector(transaction)); }; };
  const MailboxId other{2};
  const MailboxId empty{3};
  const auto which = MessageRepository::Which::all;

  std::vector<Statement> all = {
      {"deliver", 60,
       [alice, bob](db::Transaction& transaction) {
         const std::vector<Delivery> deliveries = {{.account = alice, .queueKey = "qa", .retryKey = "ca"},
                                                   {.account = bob, .queueKey = "qb", .retryKey = "cb"}};
         DeliveryRepository(transaction)
             .deliver(Content(kMail, 14, "", ""), deliveries, DeliveryRepository::WhenBusy::report);
       }},
      {"append", 40, messages([](auto m) { (void)m.append(kInbox, Content(kMail, 14, "", "")).value(); })},
      {"delete retry keys", 10,
       [alice](db::Transaction& transaction) {
         const std::vector<DeliveryKey> keys = {{alice, "17"}, {alice, "18"}};
         DeliveryRepository(transaction).deleteRetryKeys(keys);
       }},
      {"store flags, sparse", 500,
       messages([sparse](auto m) { m.storeFlags(kInbox, sparse, FlagChange::add, Flag::seen); })},
      {"store flags, dense", 500,
       messages([dense](auto m) { m.storeFlags(kInbox, dense, FlagChange::replace, Flag::seen); })},
      {"store flags unless changed", 700,
       messages([dense](auto m) { m.storeFlags(kInbox, dense, FlagChange::add, Flag::seen, ModSeq{2100}); })},
      {"copy", 1500, messages([sparse, empty](auto m) { (void)m.copy(kInbox, sparse, empty).value(); })},
      {"move", 2000, messages([dense, empty](auto m) { (void)m.move(kInbox, dense, empty).value(); })},
      {"expunge, sparse", 1000, messages([sparse, which](auto m) { m.expunge(kInbox, sparse, which); })},
      {"expunge deleted", 1000, messages([dense](auto m) { m.expunge(kInbox, dense); })},
      {"changes since lately", 60, messages([](auto m) { (void)m.changesSince(kInbox, ModSeq{5990}); })},
      {"summaries", 500, messages([sparse](auto m) { (void)m.summaries(kInbox, sparse); })},
      {"references, sparse", 220, messages([sparse](auto m) { CHECK(m.references(kInbox, sparse).size() == 100); })},
      {"references, dense", 320, messages([dense](auto m) { CHECK(m.references(kInbox, dense).size() == 100); })},
      {"bodies", 5,
       [](db::Transaction& transaction) {
         CHECK(BlobStore(transaction).find({BlobId::of("17"), BlobId::of("18")}).size() == 2);
       }},
      {"sizes", 3010, messages([](auto m) { (void)m.sizes(kInbox); })},
      {"take a maildrop", 3030,
       [alice](db::Transaction& transaction) {
         const MaildropHolder holder{.account = alice, .id = "a"};
         CHECK(MaildropRepository(transaction, alice).open("INBOX", holder, 30s, 0s));
       }},
      {"hold a maildrop, and let it go", 10,
       [](db::Transaction& transaction) {
         const MaildropHolder holder{.account = AccountId{1017}, .id = "17"};
         CHECK(MaildropRepository(transaction, holder.account).hold(holder, 30s));
         MaildropRepository::release(transaction, {holder});
       }},
      {"let maildrops go", 30,
       [](db::Transaction& transaction) {
         std::vector<MaildropHolder> holders;
         for (int n = 1; n <= 10; ++n) holders.push_back({.account = AccountId{1000 + n}, .id = std::to_string(n)});
         MaildropRepository::release(transaction, holders);
       }},
      {"renew maildrops", 60,
       [](db::Transaction& transaction) {
         std::vector<MaildropHolder> holders;
         for (int n = 1; n <= 10; ++n) holders.push_back({.account = AccountId{1000 + n}, .id = std::to_string(n)});
         MaildropRepository::renew(transaction, holders, 30s);
       }},
      {"what expires", 110,
       [alice](db::Transaction& transaction) {
         MaildropRepository(transaction, alice).noteRetrieved(kInbox, UidSet::range(Uid{2001}, Uid{2200}));
         (void)MaildropRepository(transaction, alice).expired(kInbox, std::chrono::days(1), 10);
       }},
      {"view", 3010, messages([](auto m) { (void)m.view(kInbox); })},
      {"remember a view", 20,
       [alice](db::Transaction& transaction) {
         ViewRepository views(transaction, alice);
         views.remember(kInbox, MailboxView());
         views.remember(kInbox, MailboxView());
       }},
      {"read", 20, messages([](auto m) { (void)m.read(kInbox, Uid{2001}); })},
      {"open", 40, mailboxes([](auto m) { (void)m.open("INBOX"); })},
      {"take recent", 10, mailboxes([](auto m) { (void)m.takeRecent(kInbox, Uid{6001}); })},
      {"find mailbox", 40, mailboxes([](auto m) { (void)m.find("Sent"); })},
      {"list mailboxes", 40, mailboxes([](auto m) { (void)m.list(); })},
      {"create mailbox", 80, mailboxes([](auto m) { (void)m.create("a/b"); })},
      {"rename mailbox", 120, mailboxes([](auto m) { (void)m.rename("Sent", "Gone/Sent"); })},
      {"remove mailbox", 80, mailboxes([](auto m) { (void)m.remove("Sent"); })},
      {"subscribe", 10, mailboxes([](auto m) { (void)m.subscribe("x"); })},
      {"unsubscribe", 10, mailboxes([](auto m) { (void)m.unsubscribe("Sent"); })},
      {"first unseen", 10, mailboxes([other](auto m) { (void)m.firstUnseen(other); })},
      {"keywords", 20,
       [alice](db::Transaction& transaction) {
         KeywordRepository(transaction, alice).ensure(std::vector<std::string>{"one", "two"});
       }},
      {"quota", 10, [alice](db::Transaction& transaction) { (void)QuotaRepository(transaction).get(alice); }},
      {"modseqs of open accounts", 10,
       [alice, bob](db::Transaction& transaction) {
         const std::vector<AccountId> open = {alice, bob};
         (void)ChangeRepository(transaction).modSeqs(open);
       }},
      {"find credential", 10,
       [](db::Transaction& transaction) { (void)CredentialRepository(transaction).find("4999@x.example"); }},
      {"find app password", 2,
       [](db::Transaction& transaction) { CHECK(AppPasswordRepository(transaction).find(AccountId{1017}, "17b")); }},
      {"app passwords", 6,
       [](db::Transaction& transaction) {
         CHECK(AppPasswordRepository(transaction).usable(AccountId{1017}).size() == 3);
       }},
      {"note app passwords' uses", 10,
       [](db::Transaction& transaction) {
         const auto found = AppPasswordRepository(transaction).find(AccountId{1017}, "17b");
         AppPasswordRepository(transaction).noteUses({{found->id, std::chrono::system_clock::now(), "imap", "x"}});
       }},
      {"take a code", 10,
       [](db::Transaction& transaction) {
         CHECK(TotpRepository(transaction).hold(AccountId{1017}, 100));
         TotpRepository(transaction).countWrongCode(AccountId{1017});
         CHECK(TotpRepository(transaction).takeStep(AccountId{1017}, 1, "sealed"));
         CHECK(TotpRepository(transaction).takeRecoveryCode(AccountId{1017}, "b"));
       }},
      {"replace credential", 10,
       [](db::Transaction& transaction) {
         (void)CredentialRepository(transaction).replace("17@x.example", "a", {"b"});
       }},
      {"find account", 30,
       [](db::Transaction& transaction) { (void)AccountRepository(transaction).find("4999@x.example"); }},
      {"list accounts", 60,
       [](db::Transaction& transaction) { (void)AccountRepository(transaction).list("", "4990@x.example", 10); }},
      {"find alias", 10,
       [](db::Transaction& transaction) { (void)AliasRepository(transaction).find("a17@x.example"); }},
      {"enqueue", 40,
       [](db::Transaction& transaction) {
         const QueuedMessage message{
             .id = QueueId{9999}, .sender = "", .envelopeId = "", .createdAt = {}, .expiresAt = {}};
         const std::vector<QueuedRecipient> recipients = {{.address = "a@x.example",
                                                           .originalRecipient = "",
                                                           .destination = "x.example",
                                                           .nextAt = {},
                                                           .retryKey = "c"}};
         QueueRepository(transaction).enqueue(message, recipients, Content(kMail, 14, "", ""));
       }},
      {"claim, load, renew, defer, finish", 400,
       [](db::Transaction& transaction) {
         transaction.exec("UPDATE posthouse.queue_rcpt SET next_at = now() WHERE qshard = 3 AND qid IN (3, 19)");
         QueueRepository queue(transaction);
         const auto claims = queue.claim(60s, 10, {"y.example"});
         REQUIRE(claims.size() == 2);
         CHECK(queue.load(claims[0]));
         queue.renew(claims, 60s);
         queue.delayReported(claims[0]);
         queue.defer(claims[0], std::chrono::system_clock::now() + 1h, "later");
         CHECK(queue.finish(std::span(claims).last(1)) == 1);
       }},
      {"queue entry", 40, [](db::Transaction& transaction) { (void)QueueRepository(transaction).show(QueueId{17}); }},
      {"collect emails", 200, collector([](auto c) { (void)c.collectEmails(AccountId{1100}, 100); })},
      {"collect blobs, none due", 10, collector([](auto c) { CHECK(c.collectBlobs(1h, 10).lookedAt == 0); })},
      {"collect blobs", 150, collector([](auto c) { CHECK(c.collectBlobs(0ms, 10).lookedAt == 10); })},
      {"sweep blobs", 200, collector([](auto c) { CHECK(c.sweepBlobs(1h, 10).lookedAt == 10); })},
      {"prune change log", 100, collector([](auto c) { (void)c.pruneChangeLog(AccountId{1290}, 1h, 10); })},
      {"collector backlog", 10'000, collector([](auto c) { (void)c.backlog(0ms); })},
  };
  return all;
}

/// What the statements of this transaction have looked at so far.
struct Looked {
  std::int64_t rows = 0;
  std::int64_t scans = 0;

  static Looked at(db::Transaction& transaction) {
    const auto row = transaction.exec1(R"sql(
      SELECT coalesce(sum(coalesce(idx_tup_fetch, 0) + seq_tup_read), 0)::bigint, coalesce(sum(seq_scan), 0)::bigint
        FROM pg_stat_xact_user_tables WHERE schemaname = 'posthouse' AND relname NOT IN ('sweep', 'schema_version'))sql");
    return {.rows = row[0].get<std::int64_t>(0), .scans = row[0].get<std::int64_t>(1)};
  }
};

struct RollBack {};

}  // namespace

TEST_CASE("no hot statement reads a whole table, or more rows than it needs", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  const AccountId bob = database.addAccount("bob");
  fill(database, alice, bob);
  for (const Statement& statement : statements(alice, bob)) {
    for (int repeat = 0; repeat < 7; ++repeat) {  // past the point where generic plans are made
      CAPTURE(statement.name, repeat);
      const auto measured = [&](db::Transaction& transaction) {
        const Looked before = Looked::at(transaction);
        statement.run(transaction);
        const Looked after = Looked::at(transaction);
        CHECK(after.scans == before.scans);
        CHECK(after.rows - before.rows <= statement.most);
        throw RollBack();
      };
      try {
        database.transact(measured);
      } catch (const RollBack&) {
      }
    }
  }
}

TEST_CASE("no hot statement takes more relation locks than PostgreSQL keeps apart from its lock table", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  const AccountId bob = database.addAccount("bob");
  fill(database, alice, bob);
  std::vector<Statement> all = statements(alice, bob);
  std::string octets = kMail;
  std::mt19937 random(1);
  while (octets.size() < 7000) octets += static_cast<char>('a' + random() % 26);
  all.push_back({"deliver out of line", 0, [&](db::Transaction& transaction) {
                   const std::vector<Delivery> deliveries = {{.account = alice, .queueKey = "q", .retryKey = "c"},
                                                             {.account = bob, .queueKey = "q", .retryKey = "c"}};
                   DeliveryRepository(transaction)
                       .deliver(Content(octets, 14, "", ""), deliveries, DeliveryRepository::WhenBusy::report);
                 }});
  for (const Statement& statement : all) {
    const auto counted = [&](db::Transaction& transaction) {
      statement.run(transaction);
      const auto locks = transaction.exec(R"sql(
        SELECT DISTINCT l.relation::regclass::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
         WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relnamespace <> 'pg_catalog'::regnamespace)sql");
      CAPTURE(statement.name);
      for (const auto& lock : locks) UNSCOPED_INFO(lock.get<std::string>(0));
      CHECK(locks.size() <= 16);
      throw RollBack();
    };
    try {
      database.transact(counted);
    } catch (const RollBack&) {
    }
  }
}
