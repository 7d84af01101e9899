#include "releases.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "async/task_group.h"
#include "fakes.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using namespace std::chrono_literals;
using store::MaildropHolder;

namespace {

/// A store that is only asked to let go.
class LettingGo final : public MailStore {
 public:
  Task<Opened> open(const MaildropHolder& holder, const std::string& mailbox) override {
    return nothing.open(holder, mailbox);
  }
  Task<Opened> openToRead(store::AccountId account, const std::string& mailbox) override {
    return nothing.openToRead(account, mailbox);
  }
  Task<std::vector<StoredMessage>> fetch(MaildropId id, store::UidSet uids) override {
    return nothing.fetch(id, std::move(uids));
  }
  Task<std::string> readPiece(store::BlobPieces pieces, std::uint64_t number) override {
    return nothing.readPiece(pieces, number);
  }
  Task<std::optional<Updated>> update(const MaildropHolder& holder, store::MailboxId id, Update update) override {
    return nothing.update(holder, id, std::move(update));
  }
  Task<> release(std::vector<MaildropHolder> holders) override {
    ++statements;
    co_await loop.sleep(1ms);
    for (const MaildropHolder& holder : holders)
      if (holder.id == locked) throw std::runtime_error("the row is locked");
    for (const MaildropHolder& holder : holders) free.insert(holder.id);
  }
  Task<> releaseOfDead() override { return nothing.releaseOfDead(); }
  Task<> renew(std::vector<MaildropHolder> holders) override { return nothing.renew(std::move(holders)); }

  net::Loop loop;
  MemoryStore nothing;
  std::set<std::string> free;
  std::string locked;
  unsigned statements = 0;
};

struct Stage {
  /// A session ends: when it goes on, its maildrop is free, or it was told that it is not.
  Task<> end(std::string id) {
    bool hasFailed = false;
    try {
      co_await releases.release({.account = store::AccountId{1}, .id = id});
    } catch (const std::runtime_error&) {
      hasFailed = true;
    }
    CHECK(store.free.contains(id) != hasFailed);
    failed += hasFailed ? 1 : 0;
  }

  LettingGo store;
  Releases releases{store.loop, store, 5ms};
  TaskGroup sessions;
  unsigned failed = 0;
};

}  // namespace

SCENARIO("maildrops that are let go together are let go by one statement", "[pop3d]") {
  Stage stage;
  for (int i = 0; i < 100; ++i) stage.sessions.spawn(stage.end(std::to_string(i)));
  stage.store.loop.runUntilDone(stage.sessions.drained());
  CHECK(stage.store.free.size() == 100);
  CHECK(stage.store.statements == 1);

  WHEN("others come later") {
    stage.sessions.spawn(stage.end("later"));
    stage.store.loop.runUntilDone(stage.sessions.drained());
    CHECK(stage.store.free.contains("later"));
    CHECK(stage.store.statements == 2);
  }
}

SCENARIO("a maildrop that cannot be let go hinders no other", "[pop3d]") {
  Stage stage;
  stage.store.locked = "2";
  for (int i = 0; i < 5; ++i) stage.sessions.spawn(stage.end(std::to_string(i)));
  stage.store.loop.runUntilDone(stage.sessions.drained());
  CHECK(stage.store.free == std::set<std::string>{"0", "1", "3", "4"});
  CHECK(stage.failed == 1);
}
