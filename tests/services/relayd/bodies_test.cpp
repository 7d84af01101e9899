#include "bodies.h"

#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "net/loop.h"

using namespace posthouse;
using namespace posthouse::relayd;

namespace {

/// Answers a load when it is told to.
struct SlowQueue final : Queue {
  std::vector<Completion<std::optional<std::string>>*> loads;

  Task<std::optional<std::string>> load(store::Claim) override {
    Completion<std::optional<std::string>> answer;
    loads.push_back(&answer);
    co_return co_await answer;
  }
  Task<std::vector<store::Claim>> claim(std::chrono::seconds, int, std::vector<std::string>, bool) override {
    co_return std::vector<store::Claim>{};
  }
  Task<> settle(const Settlement&) override { co_return; }
  Task<std::int64_t> renew(std::vector<store::Claim>, std::chrono::seconds) override { co_return 0; }
  Task<store::QueueCounts> counts() override { co_return store::QueueCounts{}; }
  Task<bool> lead(std::string, std::chrono::seconds) override { co_return false; }
};

struct World {
  net::Loop loop;
  SlowQueue queue;
  Bodies bodies{loop, queue, 100};
  std::stop_source stop;
  std::vector<std::string> log;
  TaskGroup tasks;
  std::map<std::string, std::optional<Bodies::Hold>> holds;

  static store::Claim claim(const std::string& body, std::uint64_t size) {
    store::Claim claim;
    claim.blob = store::BlobId::of(body);
    claim.size = size;
    return claim;
  }

  void take(const std::string& name, const std::string& body, std::uint64_t size) {
    tasks.spawn(taking(name, claim(body, size)));
    turn();
  }
  Task<> taking(std::string name, store::Claim claim) {
    try {
      auto hold = co_await bodies.take(claim, stop.get_token());
      log.push_back(name + (hold ? " has " + hold->octets() : std::string(" has none")));
      if (hold) holds[name].emplace(std::move(*hold));
    } catch (const net::Interrupted&) {
      log.push_back(name + " gave up");
    } catch (const std::exception& error) {
      log.push_back(name + ": " + error.what());
    }
  }
  /// Lets those who were woken look around.
  void turn() { loop.runUntilDone(turns()); }
  Task<> turns() {
    for (int i = 0; i < 5; ++i) co_await loop.yield();
  }
  void drop(const std::string& name) {
    holds.at(name).reset();
    turn();
  }
  void loaded(std::size_t number, std::optional<std::string> octets) {
    queue.loads.at(number)->complete(std::move(octets));
    turn();
  }
};

using Log = std::vector<std::string>;

}  // namespace

TEST_CASE("a mail for many destinations is loaded once, and in memory once", "[relayd]") {
  World world;
  world.take("one", "A", 60);
  world.take("two", "A", 60);
  CHECK(world.queue.loads.size() == 1);
  CHECK(world.bodies.held() == 60);
  world.loaded(0, "A");
  world.take("three", "A", 60);
  CHECK(world.log == Log{"one has A", "two has A", "three has A"});
  CHECK(world.bodies.held() == 60);
  world.drop("one");
  world.drop("two");
  CHECK(world.bodies.held() == 60);
  world.drop("three");
  CHECK(world.bodies.held() == 0);
}

TEST_CASE("who finds no room waits, in the order of coming", "[relayd]") {
  World world;
  world.take("one", "A", 60);
  world.loaded(0, "A");
  world.take("large", "B", 300);
  world.take("small", "C", 10);
  CHECK(world.queue.loads.size() == 1);
  world.drop("one");
  CHECK(world.queue.loads.size() == 2);  // larger than all the room, and alone
  world.loaded(1, "B");
  CHECK(world.log == Log{"one has A", "large has B"});
  world.drop("large");
  world.loaded(2, "C");
  CHECK(world.log.back() == "small has C");
}

TEST_CASE("a drain ends the wait for room", "[relayd]") {
  World world;
  world.take("one", "A", 60);
  world.loaded(0, "A");
  world.take("two", "B", 60);
  world.stop.request_stop();
  world.turn();
  CHECK(world.log == Log{"one has A", "two gave up"});
}

TEST_CASE("a body that could not be loaded is loaded by who waited for it", "[relayd]") {
  World world;
  world.take("one", "A", 60);
  world.take("two", "A", 60);
  world.queue.loads.at(0)->fail(std::make_exception_ptr(std::runtime_error("away")));
  world.turn();
  CHECK(world.log == Log{"one: away"});
  world.loaded(1, std::nullopt);
  CHECK(world.log.back() == "two has none");
  CHECK(world.bodies.held() == 0);
}
