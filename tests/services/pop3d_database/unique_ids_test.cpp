// Unique ids as PostgreSQL has them.
#include <prometheus/registry.h>

#include <catch2/catch.hpp>

#include "db/database.h"
#include "maildrop.h"
#include "postgres_mail_store.h"
#include "store/unique_id_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using store::Uid;

TEST_CASE("what a message was called elsewhere is read with the maildrop", "[pop3d]") {
  test::TestDatabase stored;
  net::Loop loop;
  prometheus::Registry registry;
  db::Database database(loop, {.url = stored.urlAs("posthouse_pop3d"), .applicationName = "pop3d"}, registry);
  events::Publisher publisher(loop, {}, {}, registry);
  BlobCache cache(0, registry);
  PostgresMailStore mail(database, publisher, cache, {});
  const store::AccountId alice = stored.addAccount("alice");
  stored.transact([&](db::Transaction& transaction) {
    for (int i = 0; i < 3; ++i)
      CHECK(store::MessageRepository(transaction, alice)
                .append(store::kInbox, store::Content("Subject: x\r\n\r\n", 14, "", "")));
    const store::UniqueIdRepository::Wish wishes[] = {{store::kInbox, {Uid{3}, "three"}},
                                                      {store::kInbox, {Uid{1}, "one"}}};
    store::UniqueIdRepository(transaction, alice).keep(wishes);
    store::MessageRepository(transaction, alice).expunge(store::kInbox, {Uid{1}}, store::MessageRepository::Which::all);
  });
  const auto check = [](MailStore::Opened opened) {
    REQUIRE(opened);
    const Maildrop maildrop({}, *std::move(opened));
    REQUIRE(maildrop.size() == 2);
    CHECK_THAT(maildrop.uniqueId(pop3::MessageNumber{1}), Catch::EndsWith(".2"));
    CHECK(maildrop.uniqueId(pop3::MessageNumber{2}) == "three");
  };
  check(loop.runUntilDone(mail.open({.account = alice, .id = "a session"}, "INBOX")));
  check(loop.runUntilDone(mail.openToRead(alice, "INBOX")));
}
