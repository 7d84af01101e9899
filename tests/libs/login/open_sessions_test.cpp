#include "login/open_sessions.h"

#include <catch2/catch.hpp>
#include <deque>
#include <memory>

#include "net/wait.h"
#include "support/series.h"

using namespace posthouse;
using namespace posthouse::login;
using namespace std::chrono_literals;

namespace {

constexpr store::AccountId kAlice{1};
constexpr store::AccountId kBob{2};

struct Hall {
  std::unique_ptr<OpenSession> open(store::AccountId account, const std::string& id, std::int64_t knownEnding = 0) {
    return std::make_unique<OpenSession>(sessions, Identity{account, "x@mail.test", false, knownEnding},
                                         OpenSession::Client{ids.emplace_back(id), address}, "plain", true);
  }
  void end(const Ending& ending) { sessions.end({&ending, 1}); }
  std::vector<std::string> opened(std::size_t most = 100, std::chrono::milliseconds age = 0ms) {
    std::vector<std::string> found;
    for (const OpenSession* session : sessions.takeChanges(most, age).opened) found.push_back(session->id());
    return found;
  }

  std::chrono::steady_clock::time_point now{1h};
  prometheus::Registry registry;
  std::deque<std::string> ids;
  std::string address = "192.0.2.1";
  OpenSessions sessions{"imap", registry, [this] { return now; }};
};

}  // namespace

TEST_CASE("an account's sessions end, or one of them", "[login]") {
  Hall hall;
  const auto one = hall.open(kAlice, "one");
  const auto two = hall.open(kAlice, "two");
  const auto other = hall.open(kBob, "other");
  hall.end({.account = kAlice, .session = "two", .number = 1, .reason = EndReason::loggedOut});
  CHECK_FALSE(one->ending());
  CHECK(two->ending() == EndReason::loggedOut);
  hall.end({.account = kAlice, .number = 2, .reason = EndReason::disabled});
  CHECK(one->ending() == EndReason::disabled);
  CHECK(two->ending() == EndReason::loggedOut);  // the first reason is the reason
  CHECK_FALSE(other->ending());
  CHECK_THROWS_AS(one->heed(), net::Interrupted);
  other->heed();
  CHECK(test::valueOf(hall.registry, "posthouse_sessions_ended_total{protocol=\"imap\",reason=\"disabled\"}") == 1);
}

TEST_CASE("an ending reaches a session that begins behind it, if its login knew nothing of it", "[login]") {
  Hall hall;
  hall.end({.account = kAlice, .number = 7, .reason = EndReason::disabled});
  const auto racing = hall.open(kAlice, "racing", 6);
  CHECK(racing->ending() == EndReason::disabled);
  const auto later = hall.open(kAlice, "later", 7);  // enabled again, and logged in
  CHECK_FALSE(later->ending());
  hall.end({.account = kAlice, .number = 7, .reason = EndReason::disabled});  // told again, by another accountd
  CHECK_FALSE(later->ending());
  CHECK_FALSE(hall.open(kBob, "bob")->ending());
}

TEST_CASE("endings that come in another order than that of their numbers are all heeded", "[login]") {
  Hall hall;
  const auto old = hall.open(kAlice, "old", 3);
  const std::vector<Ending> endings = {{.account = kAlice, .number = 5}, {.account = kAlice, .number = 2}};
  hall.sessions.end(endings);
  CHECK(old->ending());
  CHECK(hall.open(kAlice, "between", 4)->ending());
  CHECK_FALSE(hall.open(kAlice, "after", 5)->ending());
}

TEST_CASE("endings are not remembered for ever", "[login]") {
  Hall hall;
  hall.end({.account = kAlice, .number = 1});
  hall.now += 61s;
  hall.end({.account = kBob, .number = 2});
  CHECK_FALSE(hall.open(kAlice, "alice")->ending());
  CHECK(hall.open(kBob, "bob")->ending());
}

TEST_CASE("a session that must end wakes whoever waits", "[login]") {
  Hall hall;
  net::Loop loop;
  const auto session = hall.open(kAlice, "one");
  net::Wakeup other;
  session->alsoWake(other);
  hall.end({.account = kAlice, .number = 1});
  for (net::Wakeup* wakeup : {&session->wakeup(), &other}) {
    const net::Patience patience(10s, {}, wakeup);
    net::Wait wait(loop, patience);
    CHECK(wait.await_ready());
    CHECK_THROWS_AS(wait.await_resume(), net::Interrupted);
  }
}

TEST_CASE("who is open for a while is told of once, in order, and again when he closes", "[login]") {
  Hall hall;
  auto one = hall.open(kAlice, "one");
  hall.now += 100ms;
  auto two = hall.open(kAlice, "two");
  CHECK(hall.opened(100, 150ms).empty());
  hall.now += 60ms;
  CHECK(hall.opened(100, 150ms) == std::vector<std::string>{"one"});
  auto brief = hall.open(kAlice, "brief");
  brief.reset();
  hall.now += 1s;
  auto three = hall.open(kAlice, "three");
  hall.now += 1s;
  CHECK(hall.opened(1) == std::vector<std::string>{"two"});
  CHECK(hall.opened(9) == std::vector<std::string>{"three"});
  one.reset();
  three.reset();
  const auto changes = hall.sessions.takeChanges(9, 0ms);
  CHECK(changes.opened.empty());
  CHECK(changes.closed == std::vector<std::string>{"one", "three"});
  CHECK(hall.sessions.takeChanges(9, 0ms).closed.empty());
}

TEST_CASE("another accountd is told of all that is open, and of nothing else", "[login]") {
  Hall hall;
  auto one = hall.open(kAlice, "one");
  auto two = hall.open(kAlice, "two");
  CHECK(hall.opened().size() == 2);
  one.reset();
  hall.sessions.tellAllAnew();
  auto three = hall.open(kBob, "three");
  const auto changes = hall.sessions.takeChanges(1, 0ms);
  CHECK(changes.closed.empty());
  REQUIRE(changes.opened.size() == 1);
  CHECK(changes.opened[0]->id() == "two");
  CHECK(changes.opened[0]->mechanism() == "PLAIN");
  CHECK(hall.opened() == std::vector<std::string>{"three"});
  three.reset();
  CHECK(hall.sessions.takeChanges(1, 0ms).closed == std::vector<std::string>{"three"});
}
