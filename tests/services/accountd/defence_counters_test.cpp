#include "defence/counters.h"

#include <catch2/catch.hpp>

#include "defence/bans.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;

namespace {

struct Clocked {
  std::chrono::steady_clock::time_point now{};
  SteadyClock clock = [this] { return now; };
  Counters counters{100, 10min, clock};
  Bans bans{3, clock};
};

const Subject kNetwork{"192.0.2.7", 0};
const Subject kName{"", 77};
const Subject kPair{"192.0.2.7", 77};

}  // namespace

TEST_CASE("failures fade by half in each half-life", "[accountd][defence]") {
  Clocked it;
  it.counters.add(kNetwork, 8);
  CHECK(it.counters.score(kNetwork) == Approx(8));
  it.now += 10min;
  CHECK(it.counters.score(kNetwork) == Approx(4));
  it.counters.add(kNetwork, 1);
  it.now += 20min;
  CHECK(it.counters.score(kNetwork) == Approx(1.25));
  it.now += 100h;
  CHECK(it.counters.score(kNetwork) == Approx(0).margin(1e-9));
  CHECK(it.counters.score(kName) == 0);
}

TEST_CASE("an attack from a million networks takes no more memory than it may", "[accountd][defence]") {
  Clocked it;
  for (int i = 0; i < 1'000'000; ++i) it.counters.add({std::to_string(i), i}, 1);
  CHECK(it.counters.size() == 100);
  CHECK(it.counters.score({"999999", 999'999}) == 1);
  CHECK(it.counters.score({"0", 0}) == 0);
  CHECK(it.counters.takeUntold(1'000).size() == 100);
}

TEST_CASE("the last wrong passwords of a name are known again", "[accountd][defence]") {
  Clocked it;
  for (std::uint16_t tag = 1; tag <= 8; ++tag) CHECK_FALSE(it.counters.isRepeated(kPair, tag));
  for (std::uint16_t tag = 1; tag <= 8; ++tag) CHECK(it.counters.isRepeated(kPair, tag));
  CHECK_FALSE(it.counters.isRepeated(kPair, 9));
  CHECK_FALSE(it.counters.isRepeated(kPair, 1));  // the ninth took its place
  CHECK_FALSE(it.counters.isRepeated({"192.0.2.8", 77}, 9));
}

TEST_CASE("who has to wait goes on one at a time", "[accountd][defence]") {
  Clocked it;
  CHECK(it.counters.turn(kNetwork, 1s, 5s) == 1s);
  CHECK(it.counters.turn(kNetwork, 1s, 5s) == 2s);
  CHECK(it.counters.turn(kNetwork, 3s, 5s) == 5s);
  CHECK_FALSE(it.counters.turn(kNetwork, 1s, 5s));
  CHECK(it.counters.turn(kName, 1s, 5s) == 1s);
  it.now += 10s;
  CHECK(it.counters.turn(kNetwork, 1s, 5s) == 1s);
}

TEST_CASE("what the database was not told is told, once, the most first", "[accountd][defence]") {
  Clocked it;
  it.counters.add(kNetwork, 1);
  it.counters.add(kNetwork, 0.5);
  it.counters.add(kPair, 1, "alice@mail.test");
  it.counters.isRepeated(kPair, 4'000);
  const auto first = it.counters.takeUntold(1);
  REQUIRE(first.size() == 1);
  CHECK(first[0].network == "192.0.2.7");
  CHECK(first[0].name == 0);
  CHECK(first[0].thousandths == 1'500);
  const auto second = it.counters.takeUntold(10);
  REQUIRE(second.size() == 1);
  CHECK(second[0].address == "alice@mail.test");
  CHECK(second[0].tags == "4000");
  CHECK(it.counters.takeUntold(10).empty());

  it.counters.giveBack(first);
  it.counters.add(kNetwork, 1);
  CHECK(it.counters.score(kNetwork) == Approx(2.5));
  CHECK(it.counters.takeUntold(10).at(0).thousandths == 2'500);
}

TEST_CASE("what others counted is added to what was not told yet", "[accountd][defence]") {
  Clocked it;
  it.counters.add(kPair, 1);
  it.counters.learn(
      {.network = kPair.network, .name = kPair.name, .address = "alice@mail.test", .score = 6, .tags = "1,2"});
  CHECK(it.counters.score(kPair) == Approx(7));
  CHECK(it.counters.isRepeated(kPair, 2));
  it.counters.takeUntold(10);
  it.counters.learn({.network = kPair.network, .name = kPair.name, .address = {}, .score = 7, .tags = "1,2"});
  CHECK(it.counters.score(kPair) == Approx(7));

  it.counters.clear(kPair);  // it logged in; what the database says is older
  it.counters.learn({.network = kPair.network, .name = kPair.name, .address = {}, .score = 7, .tags = "1"});
  CHECK(it.counters.score(kPair) == 0);
  CHECK(it.counters.takeUntold(10).at(0).isCleared);

  it.counters.learn({.network = "x", .name = 0, .address = {}, .score = 0, .tags = {}});  // lifted, and unknown here
  CHECK(it.counters.score({"x", 0}) == 0);
}

TEST_CASE("a ban holds for what is in its network, until its end", "[accountd][defence]") {
  Clocked it;
  const Origin seven(*Block::parse("192.0.2.7"));
  const Origin eight(*Block::parse("192.0.2.8"));
  const Origin other(*Block::parse("2001:db8::1"));
  it.bans.add({.subject = {"192.0.2.7", 0}, .address = {}, .reason = {}, .until = it.now + 10min});
  CHECK(it.bans.find(&seven, 77) != nullptr);
  CHECK(it.bans.find(&eight, 77) == nullptr);
  CHECK(it.bans.find(nullptr, 77) == nullptr);
  it.bans.learn({.network = "192.0.0.0/16", .isAutomatic = false, .left = 20min});
  CHECK(it.bans.find(&eight, 77) != nullptr);
  CHECK_FALSE(it.bans.find(&seven, 77)->isAutomatic);
  CHECK(it.bans.find(&other, 77) == nullptr);
  it.bans.learn({.network = "", .name = 78, .left = 20min});
  CHECK(it.bans.find(nullptr, 78) != nullptr);
  CHECK(it.bans.find(&other, 78) != nullptr);
  it.bans.add({.subject = {"one too many", 0}, .address = {}, .reason = {}, .until = it.now + 10min});
  CHECK(it.bans.active() == 3);
  it.now += 10min;
  CHECK(it.bans.active() == 2);
  CHECK(it.bans.nextTimes({"192.0.2.7", 0}) == 2);
  it.bans.learn({.network = "192.0.0.0/16", .left = -1ms});  // lifted
  CHECK(it.bans.find(&seven, 77) == nullptr);
  it.now += 25h;
  CHECK(it.bans.nextTimes({"192.0.2.7", 0}) == 1);
  it.bans.forgetOld();
  it.bans.add({.subject = {"192.0.2.7", 0}, .address = {}, .reason = {}, .until = it.now + 10min});
  CHECK(it.bans.find(&seven, 77) != nullptr);
}

TEST_CASE("what an administrator bans is banned, however many bans came by themselves", "[accountd][defence]") {
  Clocked it;
  Bans bans(2, it.clock);
  const auto isBanned = [&](const std::string& address) {
    const Origin origin(*Block::parse(address));
    return bans.find(&origin, 77) != nullptr;
  };
  for (const char* network : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) bans.learn({.network = network, .left = 10min});
  CHECK(isBanned("192.0.2.2"));
  CHECK_FALSE(isBanned("192.0.2.3"));
  bans.learn({.network = "192.0.2.4", .isAutomatic = false, .left = -1s});  // lifted
  CHECK(bans.nextTimes({"192.0.2.4", 0}) == 1);
  bans.learn({.network = "192.0.2.5", .isAutomatic = false, .left = 10min});
  CHECK(isBanned("192.0.2.5"));
  bans.learn({.network = "192.0.2.5", .isAutomatic = false, .left = -1s});
  CHECK_FALSE(isBanned("192.0.2.5"));
}

TEST_CASE("what the database knows of a ban that was lifted does not undo a new one", "[accountd][defence]") {
  Clocked it;
  const Origin seven(*Block::parse("192.0.2.7"));
  it.bans.add({.subject = {"192.0.2.7", 0}, .address = {}, .reason = {}, .until = it.now + 10min});
  it.bans.learn({.network = "192.0.2.7", .left = -1s});
  CHECK(it.bans.find(&seven, 77) != nullptr);
  CHECK(it.bans.takeUntold().size() == 1);
  CHECK(it.bans.takeUntold().empty());
}
