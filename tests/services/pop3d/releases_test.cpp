#include "releases.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "async/task_group.h"
#include "fakes.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using namespace std::chrono_literals;

namespace {

struct Stage {
  /// A session ends: when it goes on, its maildrop is free, or it was told that it is not.
  Task<> end(std::string id) {
    bool hasFailed = false;
    try {
      co_await releases.release({.account = store::AccountId{1}, .id = id});
    } catch (const std::runtime_error&) {
      hasFailed = true;
    }
    CHECK(free().contains(id) != hasFailed);
    failed += hasFailed ? 1 : 0;
  }

  std::set<std::string> free() const {
    std::set<std::string> ids;
    for (const auto& holders : store.released)
      for (const store::MaildropHolder& holder : holders) ids.insert(holder.id);
    return ids;
  }

  net::Loop loop;
  MemoryStore store;
  Releases releases{loop, store, 5ms};
  TaskGroup sessions;
  unsigned failed = 0;
};

}  // namespace

SCENARIO("maildrops that are let go together are let go by one statement", "[pop3d]") {
  Stage stage;
  for (int i = 0; i < 100; ++i) stage.sessions.spawn(stage.end(std::to_string(i)));
  stage.loop.runUntilDone(stage.sessions.drained());
  CHECK(stage.free().size() == 100);
  CHECK(stage.store.released.size() == 1);

  WHEN("another comes later") {
    stage.sessions.spawn(stage.end("later"));
    stage.loop.runUntilDone(stage.sessions.drained());
    CHECK(stage.free().contains("later"));
    CHECK(stage.store.released.size() == 2);
  }
}

SCENARIO("a maildrop that cannot be let go hinders no other", "[pop3d]") {
  Stage stage;
  stage.store.locked = "2";
  for (int i = 0; i < 5; ++i) stage.sessions.spawn(stage.end(std::to_string(i)));
  stage.loop.runUntilDone(stage.sessions.drained());
  CHECK(stage.free() == std::set<std::string>{"0", "1", "3", "4"});
  CHECK(stage.failed == 1);
}
