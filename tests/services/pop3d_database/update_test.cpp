#include <fcntl.h>
#include <prometheus/registry.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "db/database.h"
#include "postgres_mail_store.h"
#include "services/pop3d/fakes.h"
#include "session.h"
#include "store/consistency.h"
#include "support/fake_authenticator.h"
#include "support/quiet_sink.h"
#include "support/script_stream.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using store::Uid;
using store::UidSet;

namespace {

const std::string kFirst = "Subject: first\r\n\r\nHello\r\n";
const std::string kSecond = "Subject: second\r\n\r\nWorld\r\n";

/// A session over PostgreSQL, with the rights that pop3d has there.
struct Stage {
  Stage() {
    config.hostname = "pop.example.org";
    config.inUsePatience = {};
    authenticator.identity.account = database.addAccount("alice");
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Uid append(std::string_view octets) {
    return database.transact([&](db::Transaction& transaction) {
      const auto header = static_cast<std::uint32_t>(octets.find("\r\n\r\n") + 4);
      const store::Content content(octets, header, "()", "()");
      return store::MessageRepository(transaction, authenticator.identity.account)
          .append(store::kInbox, content, {}, {}, "Delivered-To: alice\r\n")
          .value()
          .uid;
    });
  }

  void expunge(Uid uid) {
    database.transact([&](db::Transaction& transaction) {
      store::MessageRepository(transaction, authenticator.identity.account)
          .expunge(store::kInbox, {uid}, store::MessageRepository::Which::all);
    });
  }

  std::map<std::uint32_t, bool> seenByUid() {
    return database.transact([&](db::Transaction& transaction) {
      std::map<std::uint32_t, bool> seen;
      const auto view = store::MessageRepository(transaction, authenticator.identity.account).view(store::kInbox);
      for (const store::MessageState& message : view->messages) {
        seen[static_cast<std::uint32_t>(message.uid)] = message.allFlags().has(store::Flag::seen);
      }
      CHECK(store::checkAccount(transaction, authenticator.identity.account).empty());
      return seen;
    });
  }

  /// Plays what follows the login, and says what was answered to it.
  std::string play(const std::string& script) {
    const std::string login = "S: (greeting)\nC: USER alice@example.org\nC: PASS secret\nS: (name)\nS: (login)\n";
    auto client = std::make_unique<test::ScriptStream>(login + script);
    test::ScriptStream& stream = *client;
    client->setPeer({"127.0.0.1", 40000, ""});
    Session session(std::move(client), nullptr, surroundings);
    loop.runUntilDone(session.run());
    const std::string transcript = stream.transcript();
    const std::size_t end = transcript.find("S: +OK Maildrop");
    REQUIRE(end != std::string::npos);
    return transcript.substr(transcript.find('\n', end) + 1);
  }

  test::TestDatabase database;
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "pop3d", "test"};
  Metrics metrics{registry};
  SessionConfig config;
  AccountSessions accounts;
  test::FakeAuthenticator authenticator{"alice@example.org", {store::AccountId{7}, "alice@example.org"}};
  db::Database pool{
      loop, {.url = database.urlAs("posthouse_pop3d"), .applicationName = "pop3d", .poolSize = 2}, registry};
  events::Publisher publisher{loop, {}, {}, registry};
  BlobCache cache{1024 * 1024, registry};
  PostgresMailStore store{pool, publisher, cache, {}};
  Leases leases{store, "here"};
  Releases releases{loop, store, {}};
  login::OpenSessions openSessions{"pop3", registry};
  ReadAheadPool readAhead{1024 * 1024};
  Surroundings surroundings{loop, config,   authenticator, store,     metrics, log,     {},
                            {},   accounts, openSessions,  readAhead, leases,  releases};
};

Update seenAndRemoved(std::vector<Uid> seen, std::vector<Uid> removed) {
  Update update;
  update.seen = std::move(seen);
  update.removed = std::move(removed);
  return update;
}

}  // namespace

SCENARIO("QUIT deletes what was marked, and what was retrieved is seen", "[pop3d]") {
  Stage stage;
  const Uid first = stage.append(kFirst);
  const Uid second = stage.append(kSecond);
  const std::string script =
      "C: STAT\n"
      "S: +OK 2 93\n"
      "C: RETR 2\n"
      "S: +OK 47 octets\n"
      "S: Delivered-To: alice\n"
      "S: Subject: second\n"
      "S: \n"
      "S: World\n"
      "S: .\n"
      "C: DELE 1\n"
      "S: +OK Message 1 will be deleted at QUIT\n"
      "C: QUIT\n"
      "S: +OK Bye, 1 message deleted\n";
  CHECK(stage.play(script) == script);
  CHECK(first == Uid{1});
  CHECK(stage.seenByUid() == std::map<std::uint32_t, bool>{{static_cast<std::uint32_t>(second), true}});
}

SCENARIO("a lost connection deletes nothing, and what was retrieved is seen", "[pop3d]") {
  Stage stage;
  stage.append(kFirst);
  stage.append(kSecond);
  stage.play("C: RETR 1\nS: 1\nS: 2\nS: 3\nS: 4\nS: 5\nS: 6\nC: DELE 1\nC: DELE 2\nS: (deleted)\nS: (deleted)\n");
  CHECK(stage.seenByUid() == std::map<std::uint32_t, bool>{{1, true}, {2, false}});
}

SCENARIO("unique ids are the same in every session", "[pop3d]") {
  Stage stage;
  stage.append(kFirst);
  stage.append(kSecond);
  const std::string before = stage.play("C: UIDL 2\nS: (id)\n");
  stage.expunge(Uid{1});
  stage.append(kFirst);
  std::string after = stage.play("C: UIDL 1\nS: (id)\nC: UIDL 2\nS: (id)\n");
  const std::string id = before.substr(before.find("+OK 2 ") + 6);
  CHECK(id.ends_with(".2\n"));
  CHECK(after.contains("+OK 1 " + id));
  CHECK(after.ends_with(".3\n"));
}

SCENARIO("what others remove during a session is told, and removing it again is harmless", "[pop3d]") {
  Stage stage;
  stage.append(kFirst);
  stage.append(kSecond);
  const store::MaildropHolder holder{.account = stage.authenticator.identity.account, .id = "me"};
  const MailStore::Opened opened = stage.loop.runUntilDone(stage.store.open(holder, "INBOX"));
  REQUIRE(opened.value().messages.size() == 2);
  stage.expunge(Uid{1});
  const auto left = stage.loop.runUntilDone(stage.store.fetch({holder.account}, UidSet::all()));
  REQUIRE(left.size() == 1);
  CHECK(left[0].uid == Uid{2});
  const std::optional<Updated> updated =
      stage.loop.runUntilDone(stage.store.update(holder, store::kInbox, seenAndRemoved({Uid{2}}, {Uid{1}})));
  CHECK(updated.value().removed == 0);
  CHECK(stage.seenByUid() == std::map<std::uint32_t, bool>{{2, true}});
}

SCENARIO("a message of several chunks comes back octet for octet", "[pop3d]") {
  Stage stage;
  std::string body = "Subject: large\r\n\r\n";
  std::string shown = "S: Delivered-To: alice\nS: Subject: large\nS: \n";
  for (int line = 0; line < 12'000; ++line) {
    const std::string text = std::to_string(line * 7919) + std::string(60, static_cast<char>('a' + line % 26));
    body += text + "\r\n";
    shown += "S: " + text + "\n";
  }
  stage.append(body);
  const std::string transcript =
      stage.play("C: RETR 1\nS: +OK\n" + shown + "S: .\nC: TOP 1 1\nS: +OK\nS: 1\nS: 2\nS: 3\nS: 4\nS: .\n");
  CHECK(transcript.contains(shown + "S: .\n"));
  CHECK(transcript.ends_with(shown.substr(0, shown.find('\n', shown.find("S: 0aaa")) + 1) + "S: .\n"));
}

SCENARIO("a large message that others remove is sent to its end to who had begun it", "[pop3d]") {
  Stage stage;
  const std::string large = "Subject: large\r\n\r\n" + std::string(600'000, 'x') + "\r\n";
  stage.append(kFirst);
  stage.append(large);
  const auto account = stage.authenticator.identity.account;
  const auto found = stage.loop.runUntilDone(stage.store.fetch({account}, UidSet::all()));
  REQUIRE(found.size() == 2);
  CHECK(found[0].octets.ends_with("\r\n"));
  CHECK_FALSE(found[0].rest);
  REQUIRE(found[1].rest);
  CHECK(found[1].octets == "Delivered-To: alice\r\n");
  CHECK(found[1].rest->count() == 3);
  stage.expunge(Uid{2});
  std::string octets;
  for (std::uint64_t piece = 0; piece < found[1].rest->count(); ++piece)
    octets += stage.loop.runUntilDone(stage.store.readPiece(*found[1].rest, piece));
  CHECK(octets == large);
}
