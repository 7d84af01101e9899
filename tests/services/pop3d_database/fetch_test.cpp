// Messages as the store and the memory of bodies give them together.
#include <prometheus/registry.h>

#include <catch2/catch.hpp>

#include "db/database.h"
#include "postgres_mail_store.h"
#include "store/content.h"
#include "support/series.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using store::Uid;

namespace {

const std::string kShort = "Subject: x\r\n\r\nbody\r\n";

struct Stage {
  Uid append(store::AccountId account, const std::string& octets) {
    return database.transact([&](db::Transaction& transaction) {
      return store::MessageRepository(transaction, account)
          .append(store::kInbox, store::Content(octets, 14, "()", "()"))
          .value()
          .uid;
    });
  }
  void expunge(store::AccountId account, Uid uid) {
    database.transact([&](db::Transaction& transaction) {
      store::MessageRepository(transaction, account)
          .expunge(store::kInbox, {uid}, store::MessageRepository::Which::all);
    });
  }
  std::vector<StoredMessage> fetch(store::AccountId account, store::UidSet uids) {
    return loop.runUntilDone(mail.fetch({account, store::kInbox}, std::move(uids)));
  }
  double bodiesFrom(const std::string& place) {
    return test::valueOf(registry, "posthouse_pop3_bodies_total{from=\"" + place + "\"}").value();
  }

  test::TestDatabase database;
  net::Loop loop;
  prometheus::Registry registry;
  db::Database pool{
      loop, {.url = database.urlAs("posthouse_pop3d"), .applicationName = "pop3d", .poolSize = 2}, registry};
  events::Publisher publisher{loop, {}, {}, registry};
  BlobCache cache{1024 * 1024, registry};
  PostgresMailStore mail{pool, publisher, cache, {}};
  store::AccountId alice = database.addAccount("alice");
  store::AccountId bob = database.addAccount("bob");
};

}  // namespace

SCENARIO("a body that was read is in memory for who asks next", "[pop3d]") {
  Stage stage;
  const Uid first = stage.append(stage.alice, kShort);
  const Uid second = stage.append(stage.alice, "Subject: y\r\n\r\n");
  const Uid again = stage.append(stage.alice, kShort);
  const Uid ofBob = stage.append(stage.bob, kShort);
  stage.fetch(stage.alice, {first});
  CHECK(stage.bodiesFrom("store") == 1);

  const auto messages = stage.fetch(stage.alice, {first, second, again});
  REQUIRE(messages.size() == 3);
  CHECK(messages[0].uid == first);
  CHECK(messages[0].octets == kShort);
  CHECK(messages[1].uid == second);
  CHECK(messages[1].octets == "Subject: y\r\n\r\n");
  CHECK(messages[2].uid == again);
  CHECK(messages[2].octets == kShort);
  CHECK(stage.bodiesFrom("memory") == 2);
  CHECK(stage.bodiesFrom("store") == 2);

  CHECK(stage.fetch(stage.bob, {ofBob}).at(0).octets == kShort);
  CHECK(stage.bodiesFrom("memory") == 3);
}

SCENARIO("memory shows nobody what he does not have", "[pop3d]") {
  Stage stage;
  const Uid uid = stage.append(stage.alice, kShort);
  CHECK(stage.fetch(stage.alice, {uid}).size() == 1);
  CHECK(stage.fetch(stage.bob, {uid}).empty());
  stage.expunge(stage.alice, uid);
  CHECK(stage.fetch(stage.alice, {uid}).empty());
}

SCENARIO("large bodies are read piece by piece, and not kept", "[pop3d]") {
  Stage stage;
  const std::string large = kShort + std::string(store::EncodedBlob::kChunk, 'x');
  const Uid uid = stage.append(stage.alice, large);
  for (int time = 0; time < 2; ++time) {
    const auto messages = stage.fetch(stage.alice, {uid});
    REQUIRE(messages.size() == 1);
    REQUIRE(messages[0].rest);
    std::string octets = messages[0].octets;
    for (std::uint64_t number = 0; number < messages[0].rest->count(); ++number)
      octets += stage.loop.runUntilDone(stage.mail.readPiece(*messages[0].rest, number));
    CHECK((octets == large));
  }
  CHECK(test::valueOf(stage.registry, "posthouse_pop3_body_cache_bytes") == 0);
}
