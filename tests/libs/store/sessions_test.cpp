#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "store/account_repository.h"
#include "store/session_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds kLost{30};

struct Office {
  test::TestDatabase database;
  AccountId alice = database.addAccount("alice");
  AccountId bob = database.addAccount("bob@other.test");

  template <class Job>
  auto with(Job job) {
    return database.transact([&](db::Transaction& transaction) { return job(SessionRepository(transaction)); });
  }
  std::vector<std::string> listed(SessionRepository::Wanted wanted = {}) {
    std::vector<std::string> ids;
    for (const auto& session : with([&](auto sessions) { return sessions.list(wanted, "", 100, kLost); }))
      ids.push_back(session.id);
    return ids;
  }
};

Session session(std::string id, AccountId account, std::int64_t knownEnding = 0) {
  return {.id = std::move(id),
          .account = account,
          .protocol = "imap",
          .remoteAddress = "192.0.2.1",
          .mechanism = "PLAIN",
          .tls = true,
          .age = 90s,
          .knownEnding = knownEnding};
}

/// A connection of its own, whose transaction the test ends.
struct Open {
  explicit Open(const test::TestDatabase& database)
      : connection(database.urlAs("posthouse_accountd"), "test"), transaction(connection) {
    connection.script("BEGIN");
  }
  db::Connection connection;
  db::Transaction transaction;
};

std::vector<std::int64_t> numbers(const SessionRepository::News& news) {
  std::vector<std::int64_t> found;
  for (const auto& ending : news.endings) found.push_back(ending.number);
  return found;
}

}  // namespace

TEST_CASE("sessions are listed while they, and who has them, are there", "[store]") {
  Office office;
  const FrontEnd imapd{"f1", 1, "imapd", "a"};
  const FrontEnd pop3d{"f2", 1, "pop3d", "b"};
  office.with([&](auto sessions) { return sessions.attach(imapd) && sessions.attach(pop3d); });
  office.with([&](auto sessions) { return sessions.report(imapd, {session("s1", office.alice)}, {}).has_value(); });
  office.with([&](auto sessions) {
    return sessions.report(pop3d, {session("s2", office.bob), session("s3", office.alice)}, {}).has_value();
  });
  const auto all = office.with([](auto sessions) { return sessions.list({}, "", 100, kLost); });
  REQUIRE(all.size() == 3);
  CHECK(all[0].address == "alice@mail.test");
  CHECK(all[0].program == "imapd");
  CHECK(all[0].instance == "a");
  CHECK(all[0].remoteAddress == "192.0.2.1");
  CHECK(all[0].tls);
  const auto age = std::chrono::system_clock::now() - all[0].since;
  CHECK(age > 89s);
  CHECK(age < 120s);
  CHECK(office.listed({.account = office.alice}) == std::vector<std::string>{"s1", "s3"});
  CHECK(office.listed({.domains = {"other.test"}}) == std::vector<std::string>{"s2"});
  CHECK(office.with([](auto sessions) { return sessions.list({}, "s1", 1, kLost); })[0].id == "s2");

  office.with([&](auto sessions) { return sessions.report(pop3d, {}, {"s3"}).has_value(); });
  CHECK(office.listed() == std::vector<std::string>{"s1", "s2"});
  office.with([&](auto sessions) { return sessions.detach(imapd), true; });
  CHECK(office.listed() == std::vector<std::string>{"s2"});
  office.database.transact([](db::Transaction& transaction) {
    transaction.exec("UPDATE posthouse.front_end SET seen_at = clock_timestamp() - interval '31 seconds'");
  });
  CHECK(office.listed().empty());
  CHECK(office.with([](auto sessions) { return sessions.keep({"f1", "f2"}); }) == std::vector<std::string>{"f2"});
  CHECK(office.listed() == std::vector<std::string>{"s2"});
}

TEST_CASE("a program that is attached anew begins from nothing, and its old attachment is heard no more", "[store]") {
  Office office;
  const FrontEnd first{"f1", 1, "imapd", "a"};
  const FrontEnd second{"f1", 2, "imapd", "a"};
  office.with([&](auto sessions) { return sessions.attach(first); });
  office.with([&](auto sessions) { return sessions.report(first, {session("s1", office.alice)}, {}).has_value(); });
  CHECK(office.with([&](auto sessions) { return sessions.attach(second); }));
  CHECK(office.listed().empty());
  CHECK_FALSE(office.with([&](auto sessions) { return sessions.attach(first); }));
  CHECK_FALSE(office.with(
      [&](auto sessions) { return sessions.report(first, {session("s1", office.alice)}, {}).has_value(); }));
  office.with([&](auto sessions) { return sessions.report(second, {session("s1", office.alice)}, {}).has_value(); });
  office.with([&](auto sessions) { return sessions.detach(first), true; });
  CHECK(office.listed() == std::vector<std::string>{"s1"});
}

TEST_CASE("a program that is attached anew waits for what its old attachment is telling", "[store]") {
  Office office;
  const FrontEnd first{"f1", 1, "imapd", "a"};
  const FrontEnd second{"f1", 2, "imapd", "a"};
  office.with([&](auto sessions) { return sessions.attach(first); });
  Open telling(office.database);
  REQUIRE(SessionRepository(telling.transaction).report(first, {session("s1", office.alice)}, {}));
  std::atomic<bool> isAttached = false;
  std::jthread anew([&] {
    Open other(office.database);
    other.connection.script("SET LOCAL lock_timeout = 0");
    SessionRepository(other.transaction).attach(second);
    other.connection.commit();
    isAttached = true;
  });
  const auto waits = [&] {
    return office.database.transact([](db::Transaction& transaction) {
      return transaction.exec1("SELECT count(*) FROM pg_locks WHERE NOT granted")[0].get<std::int64_t>(0);
    });
  };
  while (waits() == 0 && !isAttached) std::this_thread::yield();
  CHECK_FALSE(isAttached);
  // Whether what the old one tells now is too late or not, it is not left over.
  std::jthread late([&] {
    Open other(office.database);
    other.connection.script("SET LOCAL lock_timeout = 0");
    SessionRepository(other.transaction).report(first, {session("s2", office.alice)}, {});
    other.connection.commit();
  });
  telling.connection.commit();
  anew.join();
  late.join();
  CHECK_FALSE(office.with(
      [&](auto sessions) { return sessions.report(first, {session("s3", office.alice)}, {}).has_value(); }));
  const auto left = office.database.transact([](db::Transaction& transaction) {
    return transaction.exec1("SELECT count(*) FROM posthouse.session")[0].get<std::int64_t>(0);
  });
  CHECK(left == 0);
}

TEST_CASE("what nobody keeps is forgotten", "[store]") {
  Office office;
  const FrontEnd imapd{"f1", 1, "imapd", "a"};
  office.with([&](auto sessions) { return sessions.attach(imapd); });
  office.with([&](auto sessions) { return sessions.report(imapd, {session("s1", office.alice)}, {}).has_value(); });
  office.with([](auto sessions) { return sessions.forgetLost(kLost), true; });
  CHECK(office.listed().size() == 1);
  office.database.transact([](db::Transaction& transaction) {
    transaction.exec("UPDATE posthouse.front_end SET seen_at = clock_timestamp() - interval '31 seconds'");
  });
  office.with([](auto sessions) { return sessions.forgetLost(kLost), true; });
  const auto left = office.database.transact([](db::Transaction& transaction) {
    return transaction.exec1("SELECT count(*) FROM posthouse.session")[0].get<std::int64_t>(0);
  });
  CHECK(left == 0);
}

TEST_CASE("a session that is told of is looked at for what was decided before", "[store]") {
  Office office;
  const FrontEnd imapd{"f1", 1, "imapd", "a"};
  office.with([&](auto sessions) { return sessions.attach(imapd); });
  const auto ended = [&](const Session& told) {
    const auto endings = office.with([&](auto sessions) { return *sessions.report(imapd, {told}, {}); });
    return endings.empty() ? std::optional<EndReason>() : endings[0].reason;
  };
  CHECK_FALSE(ended(session("s1", office.alice)));
  office.with([&](auto sessions) { return sessions.end(office.alice, EndReason::loggedOut), true; });
  const std::int64_t number = office.with([](auto sessions) { return sessions.endingsSince(0); }).endings.at(0).number;
  CHECK(ended(session("s2", office.alice, number - 1)) == EndReason::loggedOut);
  CHECK_FALSE(ended(session("s3", office.alice, number)));
  CHECK_FALSE(ended(session("s4", office.bob)));
  office.with([&](auto sessions) { return sessions.end(office.bob, EndReason::loggedOut, "s5"), true; });
  CHECK(ended(session("s5", office.bob, number + 100)) == EndReason::loggedOut);
  CHECK_FALSE(ended(session("s6", office.bob)));
  office.database.transact(
      [](db::Transaction& transaction) { AccountRepository(transaction).setEnabled("alice@mail.test", false); });
  CHECK(ended(session("s7", office.alice, number)) == EndReason::disabled);
  CHECK(ended(session("s8", AccountId{4711})) == EndReason::removed);
}

TEST_CASE("an ending that commits late is read, and what was read before it is as far as needed", "[store]") {
  Office office;
  Open early(office.database);
  SessionRepository(early.transaction).end(office.alice, EndReason::disabled);
  office.with([&](auto sessions) { return sessions.end(office.bob, EndReason::loggedOut), true; });
  const auto read = [&](std::int64_t horizon) {
    return office.with([&](auto sessions) { return sessions.endingsSince(horizon); });
  };
  const auto first = read(0);
  REQUIRE(first.endings.size() == 1);
  CHECK(first.endings[0].account == office.bob);
  early.connection.commit();
  const auto second = read(first.horizon);
  REQUIRE(second.endings.size() == 2);
  CHECK(second.endings[0].account == office.alice);
  CHECK(second.endings[0].reason == EndReason::disabled);
  CHECK(second.endings[0].number < first.endings[0].number);
  const auto third = read(second.horizon);
  CHECK(numbers(third).empty());
  CHECK(third.horizon >= second.horizon);
}

TEST_CASE("endings of one account commit in the order of their numbers", "[store]") {
  Office office;
  Open early(office.database);
  SessionRepository(early.transaction).end(office.alice, EndReason::loggedOut);
  std::jthread late([&] {
    Open other(office.database);
    other.connection.script("SET LOCAL lock_timeout = 0");
    SessionRepository(other.transaction).end(office.alice, EndReason::loggedOut);
    other.connection.commit();
  });
  const auto waits = [&] {
    return office.database.transact([](db::Transaction& transaction) {
      return transaction.exec1("SELECT count(*) FROM pg_locks WHERE NOT granted")[0].get<std::int64_t>(0);
    });
  };
  while (waits() == 0) std::this_thread::yield();
  CHECK(waits() == 1);
  early.connection.commit();
  late.join();
  CHECK(office.with([](auto sessions) { return sessions.endingsSince(0); }).endings.size() == 2);
}

TEST_CASE("endings are kept for a while", "[store]") {
  Office office;
  office.with([&](auto sessions) { return sessions.end(office.alice, EndReason::disabled), true; });
  CHECK(office.with([](auto sessions) { return sessions.pruneEndings(60s); }) == 0);
  office.database.transact([](db::Transaction& transaction) {
    transaction.exec("UPDATE posthouse.session_ending SET at = at - interval '61 seconds'");
  });
  CHECK(office.with([](auto sessions) { return sessions.pruneEndings(60s); }) == 1);
}
