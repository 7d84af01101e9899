// Sequences of logins, as those who guess passwords make them, and those who do not.
#include "defence/defence.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "net/loop.h"
#include "support/quiet_sink.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;

namespace {

struct FakePlaces : PlaceStore {
  std::map<std::string, std::set<std::int64_t>> known;
  int asked = 0;

  Task<std::vector<std::int64_t>> namesAt(std::string network, int) override {
    ++asked;
    const auto& names = known[network];
    co_return std::vector<std::int64_t>(names.begin(), names.end());
  }
};

enum class End { admitted, slowed, turnedAway };

class Door {
 public:
  explicit Door(DefenceRules rules = {})
      : defence(std::move(rules), places, metrics, observe::Log(sink_, "accountd", "t"), clock) {
    defence.useKey(std::string(32, 'k'));
  }

  /// A login at which the clock waits as long as it has to.
  End login(const std::string& address, const std::string& name, const std::string& password, bool isRight = false) {
    const auto origin = Origin::of(address);
    const Origin* from = origin ? &*origin : nullptr;
    const auto hash = defence.nameOf(name);
    const auto decision = loop_.runUntilDone(defence.judge(from, hash, 0));
    if (!decision.isAdmitted) return End::turnedAway;
    now += decision.wait;
    waited = decision.wait;
    if (isRight) {
      defence.succeeded(from, hash);
    } else {
      loop_.runUntilDone(defence.failed(from, hash, name, defence.tagOf(hash, password)));
    }
    return decision.wait.count() > 0 ? End::slowed : End::admitted;
  }
  End right(const std::string& address, const std::string& name) { return login(address, name, "", true); }

  /// Guesses until it is turned away, `most` times at most: how many went through.
  int guess(const std::string& address, const std::string& name, int most) {
    for (int i = 0; i < most; ++i)
      if (login(address, name, "guess " + std::to_string(++guesses_)) == End::turnedAway) return i;
    return most;
  }

  std::chrono::steady_clock::time_point now{1h};
  std::chrono::milliseconds waited{0};
  SteadyClock clock = [this] { return now; };
  prometheus::Registry registry;
  DefenceMetrics metrics{registry};
  FakePlaces places;

 private:
  test::QuietSink sink_{registry};
  net::Loop loop_;
  int guesses_ = 0;

 public:
  Defence defence;
};

}  // namespace

TEST_CASE("guesses wait longer and longer, then the network is banned for a while", "[accountd][defence]") {
  Door door;
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 10; ++i) {
    REQUIRE(door.login("192.0.2.7", "alice@mail.test", "guess " + std::to_string(i)) != End::turnedAway);
    waits.push_back(door.waited);
  }
  CHECK(waits == std::vector<std::chrono::milliseconds>{0ms, 0ms, 0ms, 500ms, 1s, 2s, 4s, 5s, 5s, 5s});
  CHECK(door.right("192.0.2.7", "alice@mail.test") == End::turnedAway);
  CHECK(door.right("192.0.2.7", "bob@mail.test") == End::turnedAway);
  CHECK(door.right("192.0.2.8", "bob@mail.test") == End::admitted);
  door.now += 15min;
  // The second ban comes sooner, and lasts twice as long.
  const int guesses = door.guess("192.0.2.7", "alice@mail.test", 100);
  CHECK(guesses >= 1);
  CHECK(guesses <= 8);
  door.now += 16min;
  CHECK(door.right("192.0.2.7", "carol@mail.test") == End::turnedAway);
  door.now += 15min;
  CHECK(door.right("192.0.2.7", "carol@mail.test") != End::turnedAway);
}

TEST_CASE("a right password does not make the guesses before it forgotten", "[accountd][defence]") {
  Door door;
  int guesses = 0;
  for (; guesses < 100; ++guesses) {
    door.right("192.0.2.7", "mallory@mail.test");
    if (door.guess("192.0.2.7", "victim" + std::to_string(guesses) + "@mail.test", 1) == 0) break;
  }
  CHECK(guesses <= 21);  // twice as many as elsewhere: somebody logs in from here
  CHECK(door.right("192.0.2.7", "mallory@mail.test") == End::admitted);
}

TEST_CASE("the same wrong password over and over is no brute force", "[accountd][defence]") {
  Door door;
  for (int i = 0; i < 1'000; ++i) {
    REQUIRE(door.login("192.0.2.7", "alice@mail.test", "the old password") == End::admitted);
    REQUIRE(door.login("192.0.2.7", "alice@mail.test", "an even older one") == End::admitted);
    door.now += 1s;
  }
  CHECK(door.right("192.0.2.7", "alice@mail.test") == End::admitted);
}

TEST_CASE("one password for many names is", "[accountd][defence]") {
  Door door;
  int names = 0;
  while (names < 100 && door.login("192.0.2.7", std::to_string(names) + "@mail.test", "Summer2026") != End::turnedAway)
    ++names;
  CHECK(names == 10);
}

TEST_CASE("a stranger can neither lock out nor slow who is at home", "[accountd][defence]") {
  Door door;
  CHECK(door.right("198.51.100.1", "alice@mail.test") == End::admitted);
  for (int network = 0; network < 200; ++network)
    door.guess("203.0." + std::to_string(network) + ".9", "alice@mail.test", 2);
  CHECK(door.right("198.51.100.1", "alice@mail.test") == End::admitted);
  CHECK(door.right("198.51.100.2", "alice@mail.test") == End::admitted);  // the same provider
  CHECK(door.right("192.0.2.1", "alice@mail.test") == End::slowed);       // on a journey
  CHECK(door.waited == 5s);
  CHECK(door.right("192.0.2.1", "bob@mail.test") == End::admitted);
}

TEST_CASE("an attack from all of a network bans all of it", "[accountd][defence]") {
  Door door;
  int guesses = 0;
  for (int host = 1; host < 100; ++host)
    guesses += door.guess("192.0.2." + std::to_string(host), "a" + std::to_string(host) + "@mail.test", 3);
  CHECK(guesses <= 45);
  CHECK(door.right("192.0.2.200", "bob@mail.test") == End::turnedAway);
  CHECK(door.right("192.0.3.200", "bob@mail.test") == End::admitted);

  guesses = 0;
  for (int subnet = 1; subnet < 100; ++subnet)
    guesses +=
        door.guess("2001:db8:1:" + std::to_string(subnet) + "::1", "b" + std::to_string(subnet) + "@mail.test", 3);
  CHECK(guesses <= 45);
  CHECK(door.right("2001:db8:1:ffff::", "bob@mail.test") == End::turnedAway);
  CHECK(door.right("2001:db8:2::", "bob@mail.test") == End::admitted);
}

TEST_CASE("a ban of all of a network does not let in who was banned at an address of it", "[accountd][defence]") {
  const auto [near, banned, of] = GENERATE(table<std::string, std::string, std::string>(
      {{"192.0.2.50", "192.0.2.9", "192.0.2."}, {"2001:db8:1:50::1", "2001:db8:1:9::1", "2001:db8:1:1"}}));
  const std::string end = of.ends_with('.') ? "" : "::1";
  Door door;
  door.right(near, "alice@mail.test");
  door.guess(banned, "victim@mail.test", 100);
  REQUIRE(door.right(banned, "alice@mail.test") == End::turnedAway);
  REQUIRE(door.right(of + "99" + end, "bob@mail.test") != End::turnedAway);
  for (int host = 100; host < 200; ++host)
    door.guess(of + std::to_string(host) + end, "a" + std::to_string(host) + "@mail.test", 3);
  REQUIRE(door.right(of + "98" + end, "carol@mail.test") == End::turnedAway);
  CHECK(door.right(banned, "alice@mail.test") == End::turnedAway);
  CHECK(door.right(near, "alice@mail.test") == End::admitted);
}

TEST_CASE("the addresses of an IPv6 customer are one network", "[accountd][defence]") {
  Door door;
  int guesses = 0;
  for (int host = 1; host < 100; ++host)
    guesses += door.guess("2001:db8::" + std::to_string(host), "a" + std::to_string(host) + "@mail.test", 1);
  CHECK(guesses == 10);
}

TEST_CASE("a network of many users is not banned whole", "[accountd][defence]") {
  Door door;
  for (int user = 0; user < 30; ++user)
    CHECK(door.right("192.0.2.7", "user" + std::to_string(user) + "@mail.test") == End::admitted);
  // What every accountd knows, and this one after a restart.
  for (int user = 0; user < 30; ++user)
    for (const char* network : {"192.0.2.7", "192.0.2.0/24"})
      door.places.known[network].insert(door.defence.nameOf("user" + std::to_string(user) + "@mail.test"));
  door.now += 2min;
  const int guessesAtOne = door.guess("192.0.2.7", "victim@mail.test", 1'000);
  CHECK(guessesAtOne == 10);  // this name, from here
  CHECK(door.right("192.0.2.7", "victim@mail.test") == End::turnedAway);
  for (int name = 0; name < 300; ++name) door.guess("192.0.2.7", "n" + std::to_string(name) + "@mail.test", 1);
  CHECK(door.right("192.0.2.7", "user7@mail.test") == End::admitted);
  CHECK(door.right("192.0.2.7", "newcomer@mail.test") == End::slowed);
}

TEST_CASE("who logged in a moment ago counts, though the store was not told of it yet", "[accountd][defence]") {
  Door door;
  for (int i = 0; i < 6; ++i) door.right("198.51.100.7", "user" + std::to_string(i) + "@example.org");
  CHECK(door.places.known["198.51.100.7"].empty());
  door.guess("198.51.100.7", "victim@example.org", 60);
  CHECK(door.right("198.51.100.7", "another@example.org") != End::turnedAway);
}

TEST_CASE("a few who share a network with one who guesses still log in", "[accountd][defence]") {
  Door door;
  CHECK(door.right("192.0.2.7", "alice@mail.test") == End::admitted);
  CHECK(door.guess("192.0.2.7", "victim@mail.test", 100) == 10);
  for (int i = 0; i < 100; ++i) door.guess("192.0.2.7", "n" + std::to_string(i) + "@mail.test", 1);
  CHECK(door.right("192.0.2.7", "alice@mail.test") == End::admitted);
  CHECK(door.right("192.0.2.7", "bob@mail.test") == End::turnedAway);
}

TEST_CASE("many connections do not guess faster than one", "[accountd][defence]") {
  Door door;
  net::Loop loop;
  const auto origin = Origin::of("192.0.2.7");
  door.guess("192.0.2.7", "alice@mail.test", 6);
  int admitted = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto decision = loop.runUntilDone(door.defence.judge(&*origin, door.defence.nameOf("bob@mail.test"), 0));
    admitted += decision.isAdmitted ? 1 : 0;
  }
  CHECK(admitted == 1);
  door.now += 4s;
  CHECK(loop.runUntilDone(door.defence.judge(&*origin, door.defence.nameOf("bob@mail.test"), 0)).isAdmitted);

  // Nor do those that come before anybody knows how the first ended.
  const auto other = Origin::of("192.0.2.99");
  admitted = 0;
  for (std::size_t i = 0; i < 2'000; ++i) {
    const auto decision = loop.runUntilDone(door.defence.judge(&*other, door.defence.nameOf("bob@mail.test"), i));
    admitted += decision.isAdmitted ? 1 : 0;
  }
  CHECK(admitted >= 17);
  CHECK(admitted <= 40);
}

TEST_CASE("where one private address hides everybody, nobody is banned", "[accountd][defence]") {
  Door door;
  CHECK(door.guess("172.17.0.1", "alice@mail.test", 15) == 15);  // from the start
  CHECK(door.registry.Collect().size() > 0);
  CHECK(door.metrics.clientsHidden.Value() == 1);
  for (int user = 0; user < 20; ++user)
    CHECK(door.right("172.17.0.1", std::to_string(user) + "@mail.test") == End::admitted);
  for (int i = 0; i < 50; ++i) door.guess("172.17.0.1", "n" + std::to_string(i) + "@mail.test", 1);
  CHECK(door.right("172.17.0.1", "7@mail.test") == End::admitted);
  CHECK(door.right("10.0.0.9", "admin@mail.test") == End::admitted);  // one who comes another way
  CHECK(door.right("172.17.0.1", "8@mail.test") == End::admitted);

  // An account that is guessed at is slow, for its owner too: nobody can tell them apart.
  door.guess("172.17.0.1", "alice@mail.test", 10);
  CHECK(door.right("172.17.0.1", "alice@mail.test") == End::slowed);
}

TEST_CASE("who guesses from within a private network is banned there", "[accountd][defence]") {
  Door door;
  CHECK(door.right("10.0.0.5", "alice@mail.test") == End::admitted);
  CHECK(door.right("10.0.0.6", "bob@mail.test") == End::admitted);
  CHECK(door.guess("10.0.0.66", "alice@mail.test", 1'000) == 10);
  CHECK(door.right("10.0.0.5", "alice@mail.test") == End::admitted);
  CHECK(door.metrics.clientsHidden.Value() == 0);
}

TEST_CASE("an honest login of a quiet network asks nobody", "[accountd][defence]") {
  Door door;
  for (int i = 0; i < 1'000; ++i)
    CHECK(door.right("192.0." + std::to_string(i % 200) + ".7", std::to_string(i) + "@mail.test") == End::admitted);
  CHECK(door.places.asked == 0);
  // An attack asks once a minute for each network, not once for each guess.
  door.guess("203.0.113.1", "alice@mail.test", 100);
  for (int i = 0; i < 10'000; ++i) door.login("203.0.113.1", std::to_string(i) + "@mail.test", "x");
  CHECK(door.places.asked <= 6);
}

TEST_CASE("a million guesses of a million names take no more memory than they may", "[accountd][defence]") {
  DefenceRules rules;
  rules.memory = 1'000;
  Door door(rules);
  for (int i = 0; i < 100'000; ++i)
    door.login("2001:db8:" + std::to_string(i % 9'000) + "::1", std::to_string(i) + "@mail.test", "x");
  CHECK(door.defence.counters().size() <= 1'000);
}

TEST_CASE("without a password to compare, a failure counts half", "[accountd][defence]") {
  Door door;
  net::Loop loop;
  const auto origin = Origin::of("192.0.2.7");
  const auto name = door.defence.nameOf("alice@mail.test");
  int failures = 0;
  while (failures < 100) {
    const auto decision = loop.runUntilDone(door.defence.judge(&*origin, name, 0));
    if (!decision.isAdmitted) break;
    door.now += decision.wait;
    loop.runUntilDone(door.defence.failed(&*origin, name, "", std::nullopt));
    ++failures;
  }
  CHECK(failures >= 20);
  CHECK(failures <= 22);
}

TEST_CASE("loopback, networks that were exempted, and an accountd without defence are left alone",
          "[accountd][defence]") {
  DefenceRules rules;
  rules.exempt = {*net::Network::parse("10.1.0.0/16")};
  const Door door(rules);
  CHECK(door.defence.isExempt("127.0.0.1"));
  CHECK(door.defence.isExempt("::1"));
  CHECK(door.defence.isExempt("10.1.255.1"));
  CHECK_FALSE(door.defence.isExempt("10.2.0.1"));
  CHECK_FALSE(door.defence.isExempt("192.0.2.7"));
  CHECK_FALSE(door.defence.isExempt(""));
  rules.isOn = false;
  CHECK(Door(rules).defence.isExempt("192.0.2.7"));
}

TEST_CASE("a name is counted in whatever spelling, and cannot be read from its number", "[accountd][defence]") {
  const Door door;
  CHECK(door.defence.nameOf("Alice@MAIL.test") == door.defence.nameOf("alice@mail.test"));
  CHECK(door.defence.nameOf("alice") != door.defence.nameOf("alice@mail.test"));
  Door other;
  other.defence.useKey(std::string(32, 'o'));
  CHECK(other.defence.nameOf("alice@mail.test") != door.defence.nameOf("alice@mail.test"));
  CHECK(other.defence.tagOf(1, "secret") != door.defence.tagOf(1, "secret"));
}
