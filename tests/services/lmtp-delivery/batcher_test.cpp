// What is delivered together: the first delivery goes at once, and what comes meanwhile is the second transaction.
#include "batcher.h"

#include <catch2/catch.hpp>

#include "services/lmtp-delivery/store_fixture.h"

using namespace posthouse;
using namespace posthouse::lmtp_delivery;

namespace {

struct Mail {
  std::vector<Recipient> recipients;
  std::string octets = kMessage;
};

struct Together : Store {
  Recipient opener = to(account("opener@mail.test"));

  /// Delivers all at once, behind a first mail that keeps the only writer busy. A verdict for each recipient.
  std::vector<Verdict> together(const std::vector<Mail>& mails) {
    TaskGroup sessions;
    std::vector<std::vector<Verdict>> verdicts(mails.size());
    std::vector<Verdict> first;
    sessions.spawn(session({{opener}}, first));
    for (std::size_t i = 0; i < mails.size(); ++i) sessions.spawn(session(mails[i], verdicts[i]));
    loop.runUntilDone(sessions.drained());
    CHECK(first == std::vector{Verdict::delivered});
    std::vector<Verdict> all;
    for (const auto& own : verdicts) all.insert(all.end(), own.begin(), own.end());
    return all;
  }

  Task<> session(Mail mail, std::vector<Verdict>& verdicts) {
    verdicts = co_await mailroom.deliver(mail.octets, "carol@x.example", mail.recipients, gone);
  }

  /// Runs once for each email that is stored, in the transaction that stores it.
  void onEveryEmail(const std::string& plpgsql, const std::string& when = "AFTER INSERT ON posthouse.email") {
    postgres.transact([&](db::Transaction& transaction) {
      transaction.script("CREATE SEQUENCE public.once; GRANT ALL ON SEQUENCE public.once TO PUBLIC");
      transaction.script(
          "CREATE FUNCTION public.disturb() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN " + plpgsql +
          " RETURN NULL; END $$");
      transaction.script("CREATE CONSTRAINT TRIGGER disturb " + when +
                         " FOR EACH ROW EXECUTE FUNCTION public.disturb()");
    });
  }

  double transactions() { return static_cast<double>(count("posthouse_lmtp_batch_deliveries")); }
  std::uint64_t count(const std::string& histogram) {
    for (const auto& family : registry.Collect()) {
      if (family.name == histogram) return family.metric.front().histogram.sample_count;
    }
    return 0;
  }
};

std::string mailNumber(int number) {
  return "Subject: " + std::to_string(number) + "\r\n\r\nhello\r\n";
}

}  // namespace

TEST_CASE("what waits for PostgreSQL is stored together, in its order", "[lmtp-delivery]") {
  Together store;
  std::vector<Mail> mails;
  for (int i = 0; i < 20; ++i) mails.push_back({{to(i % 2 ? store.alice : store.bob)}, mailNumber(i)});
  CHECK(store.together(mails) == std::vector(20, Verdict::delivered));
  CHECK(store.transactions() == 2);
  const auto inbox = store.inbox(store.alice);
  REQUIRE(inbox.size() == 10);
  for (int i = 0; i < 10; ++i) CHECK(inbox[static_cast<std::size_t>(i)].ends_with(mailNumber(2 * i + 1)));
}

TEST_CASE("one key in one transaction is one mail", "[lmtp-delivery]") {
  Together store;
  const Recipient alice = to(store.alice, "Q1\nalice@mail.test", std::string(32, 'h'));
  const Recipient retry = to(store.alice, "Q2\nalice@mail.test", std::string(32, 'h'));
  const Recipient other = to(store.bob, "Q1\nalice@mail.test");
  CHECK(store.together({{{alice}}, {{alice}}, {{retry}}, {{other}}}) == std::vector(4, Verdict::delivered));
  CHECK(store.transactions() == 2);
  CHECK(store.inbox(store.alice).size() == 1);
  CHECK(store.inbox(store.bob).size() == 1);
  CHECK(store.metrics.appended.Value() == 3);

  SECTION("and so it is in the next") {
    CHECK(store.together({{{alice}}, {{retry}}, {{other}}}) == std::vector(3, Verdict::delivered));
    CHECK(store.inbox(store.alice).size() == 1);
    CHECK(store.inbox(store.bob).size() == 1);
  }
}

TEST_CASE("the same octets in one transaction share their body and are as many mails", "[lmtp-delivery]") {
  Together store;
  CHECK(store.together({{{to(store.alice)}}, {{to(store.alice)}}, {{to(store.bob)}}}) ==
        std::vector(3, Verdict::delivered));
  CHECK(store.transactions() == 2);
  CHECK(store.inbox(store.alice).size() == 2);
  CHECK(store.inbox(store.bob).size() == 1);
}

TEST_CASE("a mail that cannot be delivered leaves those beside it alone", "[lmtp-delivery]") {
  Together store;
  const std::string large = "Subject: large\r\n\r\n" + std::string(700, 'x') + "\r\n";

  SECTION("a mailbox gets full in the middle") {
    CHECK(store.together(
              {{{to(store.bob)}, large}, {{to(store.bob)}, large}, {{to(store.alice)}, large}, {{to(store.bob)}}}) ==
          std::vector{Verdict::delivered, Verdict::overQuota, Verdict::delivered, Verdict::delivered});
    CHECK(store.inbox(store.bob).size() == 2);
  }
  SECTION("an account has gone") {
    CHECK(store.together({{{to({4711, "gone@mail.test"})}}, {{to(store.alice)}}}) ==
          std::vector{Verdict::noSuchUser, Verdict::delivered});
  }
  SECTION("PostgreSQL will not have one of them") {
    store.onEveryEmail("IF NEW.size > 600 THEN RAISE EXCEPTION 'poison'; END IF;");
    CHECK(store.together({{{to(store.alice)}}, {{to(store.alice)}, large}, {{to(store.bob)}}}) ==
          std::vector{Verdict::delivered, Verdict::unavailable, Verdict::delivered});
    CHECK(store.metrics.batchesApart.Value() == 1);
  }
  CHECK(store.transactions() == 2);
}

TEST_CASE("a mail whose client has gone leaves those beside it alone", "[lmtp-delivery]") {
  Together store;
  ClientGone gone = true;
  const std::string octets = mailNumber(1);
  const store::Content content(octets, 14, "", "");
  const store::Delivery delivery{.account = store::AccountId{store.alice.id}};
  std::vector<Batcher::Answer> abandoned{store::Delivered{}};
  const auto abandon = [&]() -> Task<> { abandoned = co_await store.batcher.store(content, {&delivery, 1}, gone); };
  TaskGroup sessions;
  std::vector<Verdict> first;
  std::vector<Verdict> other;
  sessions.spawn(store.session({{store.opener}}, first));
  sessions.spawn(abandon());
  sessions.spawn(store.session({{to(store.bob)}}, other));
  store.loop.runUntilDone(sessions.drained());
  REQUIRE(abandoned.size() == 1);
  CHECK_FALSE(abandoned[0].has_value());
  CHECK(store.inbox(store.alice).empty());
  CHECK(other == std::vector{Verdict::delivered});
}

TEST_CASE("who is busy elsewhere is waited for by his own mail only", "[lmtp-delivery]") {
  Together store;
  const std::vector<Mail> mails{{{to(store.alice)}}, {{to(store.bob)}}, {{to(store.alice)}}};
  const auto lock = [&](db::Transaction& transaction) {
    transaction.exec("SELECT 1 FROM posthouse.account_state WHERE account_id = $1 FOR UPDATE", store.alice.id);
  };
  const std::vector<Verdict> verdicts = store.postgres.transact([&](db::Transaction& transaction) {
    lock(transaction);
    return store.together(mails);
  });
  CHECK(verdicts == std::vector{Verdict::busy, Verdict::delivered, Verdict::busy});
  CHECK(store.inbox(store.alice).empty());

  SECTION("and stored when he is free again, in order") {
    TaskGroup sessions;
    std::vector<std::vector<Verdict>> own(2);
    store.postgres.transact([&](db::Transaction& transaction) {
      lock(transaction);
      sessions.spawn(store.session({{to(store.alice)}, mailNumber(1)}, own[0]));
      // Once somebody waits for the lock, the mail has been set apart.
      const auto isWaitedFor = [&] {
        return transaction.exec1("SELECT count(*) FROM pg_locks WHERE NOT granted")[0].get<int>(0) > 0;
      };
      while (!isWaitedFor() && own[0].empty()) uv_run(store.loop.uv(), UV_RUN_NOWAIT);
      sessions.spawn(store.session({{to(store.alice)}, mailNumber(2)}, own[1]));
    });
    store.loop.runUntilDone(sessions.drained());
    CHECK(own == std::vector(2, std::vector{Verdict::delivered}));
    const auto inbox = store.inbox(store.alice);
    REQUIRE(inbox.size() == 2);
    CHECK_THAT(inbox[0], Catch::EndsWith(mailNumber(1)));
    CHECK_THAT(inbox[1], Catch::EndsWith(mailNumber(2)));
  }
}

TEST_CASE("a connection that is lost at the commit loses and doubles nothing that has a key", "[lmtp-delivery]") {
  Together store;
  // Of one of the transactions, nobody hears whether it was committed.
  store.onEveryEmail("IF NEW.account_id = " + std::to_string(store.alice.id) +
                         " AND nextval('public.once') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;",
                     "AFTER INSERT ON posthouse.email DEFERRABLE INITIALLY DEFERRED");
  const Recipient alice = to(store.alice, "Q1\nalice@mail.test");
  const Recipient bob = to(store.bob, "Q2\nbob@mail.test");

  SECTION("all have keys") {
    CHECK(store.together({{{alice}}, {{bob}}}) == std::vector(2, Verdict::delivered));
    CHECK(store.inbox(store.alice).size() == 1);
    CHECK(store.inbox(store.bob).size() == 1);
  }
  SECTION("one has none, and is left to its client") {
    CHECK(store.together({{{alice}}, {{to(store.bob)}}}) == std::vector{Verdict::delivered, Verdict::unavailable});
    CHECK(store.inbox(store.alice).size() == 1);
    CHECK(store.inbox(store.bob).empty());
  }
}
