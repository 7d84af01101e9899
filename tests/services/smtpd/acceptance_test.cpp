#include "acceptance.h"

#include <catch2/catch.hpp>

#include "world.h"

using namespace posthouse;
using namespace posthouse::smtpd;

namespace {

/// A mail from carol@x.example to `recipients`; what the session says to it.
std::string mail(World& world, const std::vector<std::string>& recipients, const std::string& reply) {
  std::string script =
      "S: 220 mx.example.org ESMTP Posthouse\n"
      "C: HELO x.example\n"
      "S: 250 mx.example.org\n"
      "C: MAIL FROM:<carol@x.example>\n"
      "S: 250 2.1.0 OK\n";
  for (const std::string& recipient : recipients) script += "C: RCPT TO:<" + recipient + ">\nS: 250 2.1.5 OK\n";
  script +=
      "C: DATA\n"
      "S: 354 End data with <CR><LF>.<CR><LF>\n"
      "C: Subject: hi\n"
      "C: \n"
      "C: text\n"
      "C: .\n"
      "S: " +
      reply +
      "\n"
      "C: QUIT\n"
      "S: 221 2.0.0 Bye\n";
  const std::string played = world.play(script);
  CHECK(played == script);
  return played;
}

std::vector<std::string> addresses(const World& world) {
  std::vector<std::string> delivered;
  for (const auto& one : world.delivery.delivered) delivered.push_back(one.address + " < " + one.originalRecipient);
  return delivered;
}

using Strings = std::vector<std::string>;

}  // namespace

SCENARIO("one reply covers all recipients", "[smtpd]") {
  World world;
  WHEN("all are delivered to") {
    mail(world, {"alice@example.org", "bob@example.org"}, "250 2.0.0 queued as 0000000000001");
    THEN("nothing is queued") {
      CHECK(world.queue.queued.empty());
    }
  }
  WHEN("all fail for good") {
    world.delivery.replies = {{"alice@example.org", "552 5.2.2 Mailbox full"}, {"bob@example.org", "550 5.1.1 Gone"}};
    THEN("the first failure is the reply") {
      mail(world, {"alice@example.org", "bob@example.org"}, "552 5.2.2 Mailbox full [0000000000001] (session s1)");
      CHECK(world.queue.queued.empty());
    }
  }
  WHEN("one fails for good beside a success") {
    world.delivery.replies = {{"alice@example.org", "552 5.2.2 Mailbox full"}};
    THEN("the mail is taken, and the sender, who may be forged, is told nothing") {
      mail(world, {"alice@example.org", "bob@example.org"}, "250 2.0.0 queued as 0000000000001");
      CHECK(world.queue.queued.empty());
    }
  }
  WHEN("some fail for now") {
    world.delivery.replies = {{"alice@example.org", "451 4.3.0 Busy"}};
    THEN("they are queued") {
      mail(world, {"alice@example.org", "bob@example.org"}, "250 2.0.0 queued as 0000000000001");
      CHECK(addresses(world) == Strings{"bob@example.org < bob@example.org"});
      CHECK(world.queue.queued == Strings{"alice@example.org < alice@example.org"});
      CHECK(world.queue.tellSender == std::vector{false});  // he may be forged
    }
  }
  WHEN("some fail for now and the queue is away") {
    world.delivery.replies = {{"alice@example.org", "451 4.3.0 Busy"}};
    world.queue.away = true;
    THEN("the client keeps the mail") {
      mail(world, {"alice@example.org", "bob@example.org"},
           "451 4.3.0 Cannot take mail now [0000000000001] (session s1)");
    }
  }
}

SCENARIO("a sender whom we know hears of failures through the queue", "[smtpd]") {
  World world;
  world.delivery.replies = {{"bob@example.org", "552 5.2.2 Mailbox full"}};
  Client client;
  SECTION("by a login") {
    client.identity = login::Identity{store::AccountId{1}, "alice@example.org"};
  }
  SECTION("by a network that may relay") {
    client.mayRelay = true;
  }
  const auto found = [&](std::int64_t id, const std::string& address) {
    return Recipient{address, {directory::Resolution::Result::found, {{id, address}}, {}}};
  };
  const Transaction transaction{
      store::QueueId{1}, "alice@example.org", {}, {found(1, "alice@example.org"), found(2, "bob@example.org")}};
  const Decision decision =
      world.loop.runUntilDone(world.acceptance.accept(client, transaction, "a: b\r\n\r\n", world.log));
  CHECK(decision.reply.code == 250);
  CHECK(world.queue.queued == Strings{"bob@example.org < bob@example.org"});
  CHECK(world.queue.tellSender == std::vector{true});
}

SCENARIO("aliases are taken apart, and nobody gets a mail twice", "[smtpd]") {
  World world;
  using Result = directory::Resolution::Result;
  world.directory.known["all@example.org"] = {Result::found, {{1, "alice@example.org"}, {2, "bob@example.org"}}, {}};
  WHEN("all members are ours") {
    mail(world, {"all@example.org", "alice@example.org"}, "250 2.0.0 queued as 0000000000001");
    CHECK(addresses(world) == Strings{"alice@example.org < all@example.org", "bob@example.org < all@example.org"});
  }
  WHEN("a member is elsewhere") {
    world.directory.known["out@example.org"] = {Result::found, {{1, "alice@example.org"}}, {"eve@elsewhere.example"}};
    mail(world, {"out@example.org"}, "250 2.0.0 queued as 0000000000001");
    CHECK(addresses(world).empty());
    CHECK(world.queue.queued ==
          Strings{"alice@example.org < out@example.org", "eve@elsewhere.example < out@example.org"});
  }
}

SCENARIO("the filter decides", "[smtpd]") {
  World world;
  WHEN("it rejects") {
    world.filter.verdict.kind = Verdict::Kind::reject;
    world.filter.verdict.status = "5.7.1";
    world.filter.verdict.text = "This is spam";
    mail(world, {"alice@example.org"}, "550 5.7.1 This is spam [0000000000001] (session s1)");
    CHECK(world.delivery.delivered.empty());
  }
  WHEN("it defers") {
    world.filter.verdict.kind = Verdict::Kind::defer;
    world.filter.verdict.text = "Come back later";
    mail(world, {"alice@example.org"}, "451 4.7.1 Come back later [0000000000001] (session s1)");
  }
  WHEN("it is away and mail waits for it") {
    world.filter.verdict.kind = Verdict::Kind::unavailable;
    mail(world, {"alice@example.org"}, "451 4.3.0 Cannot check mail now [0000000000001] (session s1)");
  }
  WHEN("it is away and mail goes without it") {
    world.config.acceptUnfiltered = true;
    world.filter.verdict.kind = Verdict::Kind::unavailable;
    mail(world, {"alice@example.org"}, "250 2.0.0 queued as 0000000000001");
    CHECK(world.delivery.delivered.size() == 1);
  }
}

SCENARIO("a mail that goes round in circles is refused", "[smtpd]") {
  World world;
  std::string content;
  for (int i = 0; i < 51; ++i) content += "Received: from a by b\r\n";
  const Recipient alice{"alice@example.org", {directory::Resolution::Result::found, {{1, "alice@example.org"}}, {}}};
  const Transaction transaction{store::QueueId{1}, "", {}, {alice}};
  CHECK(world.loop.runUntilDone(world.acceptance.accept({}, transaction, content + "\r\n", world.log)).reply.text() ==
        "554 5.4.6 Mail goes round in circles");
  CHECK(world.loop.runUntilDone(world.acceptance.accept({}, transaction, content.substr(23) + "\r\n", world.log))
            .reply.code == 250);
}

SCENARIO("a client's retry is known by a key until it has gone on", "[smtpd]") {
  World world;
  WHEN("the client goes on after the 250") {
    mail(world, {"alice@example.org"}, "250 2.0.0 queued as 0000000000001");
    world.loop.runUntilDone(world.retryKeys.close());
    THEN("the key is forgotten, and the same octets are another mail") {
      CHECK(world.delivery.delivered.at(0).retryKey.size() == 32);
      CHECK(world.storedKeys.forgotten == 1);
    }
  }
  WHEN("the mail is queued, and the client goes on") {
    world.delivery.replies = {{"alice@example.org", "451 4.3.0 Busy"}};
    mail(world, {"alice@example.org"}, "250 2.0.0 queued as 0000000000001");
    world.loop.runUntilDone(world.retryKeys.close());
    THEN("the key that was queued with it is forgotten as well") {
      CHECK(world.storedKeys.forgotten == 1);
    }
  }
  WHEN("the mail is taken only in part") {
    world.delivery.replies = {{"alice@example.org", "451 4.3.0 Busy"}};
    world.queue.away = true;
    mail(world, {"alice@example.org", "bob@example.org"},
         "451 4.3.0 Cannot take mail now [0000000000001] (session s1)");
    world.loop.runUntilDone(world.retryKeys.close());
    THEN("the key of the part stays, because the client comes again") {
      CHECK(world.storedKeys.forgotten == 0);
    }
  }
  WHEN("the client leaves after the 250") {
    const auto [early, lost, forgotten] =
        GENERATE(table<bool, bool, std::size_t>({{false, false, 1}, {false, true, 0}, {true, false, 0}}));
    world.arrange = [early = early, lost = lost](test::ScriptStream& client) {
      if (early) client.leaveEarly();
      if (lost) client.loseReplies();
    };
    const std::string script =
        "S: 220 mx.example.org ESMTP Posthouse\n"
        "C: HELO x.example\n"
        "C: MAIL FROM:<>\n"
        "C: RCPT TO:<alice@example.org>\n"
        "C: DATA\n"
        "S: 250 mx.example.org\n"
        "S: 250 2.1.0 OK\n"
        "S: 250 2.1.5 OK\n"
        "S: 354 End data with <CR><LF>.<CR><LF>\n"
        "C: .\n"
        "S: 250 2.0.0 queued as 0000000000001\n";
    CHECK(world.play(script) == script);
    world.loop.runUntilDone(world.retryKeys.close());
    THEN("the key stays unless it must have read the reply") {
      CHECK(world.storedKeys.forgotten == forgotten);
    }
  }
  WHEN("QUIT was sent with the final dot") {
    const auto [lost, forgotten] = GENERATE(table<bool, std::size_t>({{false, 1}, {true, 0}}));
    world.arrange = [lost = lost](test::ScriptStream& client) {
      if (lost) client.loseReplies();
    };
    const std::string script =
        "S: 220 mx.example.org ESMTP Posthouse\n"
        "C: HELO x.example\n"
        "C: MAIL FROM:<>\n"
        "C: RCPT TO:<alice@example.org>\n"
        "C: DATA\n"
        "S: 250 mx.example.org\n"
        "S: 250 2.1.0 OK\n"
        "S: 250 2.1.5 OK\n"
        "S: 354 End data with <CR><LF>.<CR><LF>\n"
        "C: .\n"
        "C: QUIT\n"
        "S: 250 2.0.0 queued as 0000000000001\n"
        "S: 221 2.0.0 Bye\n";
    CHECK(world.play(script) == script);
    world.loop.runUntilDone(world.retryKeys.close());
    THEN("its closing proves that it read it, and QUIT does not") {
      CHECK(world.storedKeys.forgotten == forgotten);
    }
  }
  WHEN("the mailbox was removed and made again, which only lmtp-delivery knew") {
    world.storedKeys.removed.insert(store::AccountId{1});
    world.accounts.add("alice@example.org", 7);
    world.directory.changed["alice@example.org"] = world.accounts.known["alice@example.org"];
    mail(world, {"alice@example.org"}, "250 2.0.0 queued as 0000000000001");
    world.loop.runUntilDone(world.retryKeys.close());
    THEN("the key is forgotten where it is, and the next mail is for the new account") {
      CHECK(world.storedKeys.forgotten == 1);
      CHECK(world.loop.runUntilDone(world.directory.resolve("alice@example.org")).accounts.front().id == 7);
    }
  }
  WHEN("the next command was sent before the reply") {
    world.arrange = [](test::ScriptStream& client) { client.loseReplies(); };
    const std::string script =
        "S: 220 mx.example.org ESMTP Posthouse\n"
        "C: HELO x.example\n"
        "C: MAIL FROM:<>\n"
        "C: RCPT TO:<alice@example.org>\n"
        "C: DATA\n"
        "S: 250 mx.example.org\n"
        "S: 250 2.1.0 OK\n"
        "S: 250 2.1.5 OK\n"
        "S: 354 End data with <CR><LF>.<CR><LF>\n"
        "C: .\n"
        "C: NOOP\n"
        "S: 250 2.0.0 queued as 0000000000001\n"
        "S: 250 2.0.0 OK\n";
    CHECK(world.play(script) == script);
    world.loop.runUntilDone(world.retryKeys.close());
    THEN("it proves nothing") {
      CHECK(world.storedKeys.forgotten == 0);
    }
  }
}

SCENARIO("retry keys are held by one session at a time", "[smtpd]") {
  World world;
  const RetryKey key{store::AccountId{1}, std::string(32, 'k')};
  bool firstIsThere = true;
  RetryKeys::Hold first(world.retryKeys, [&] { return firstIsThere; });
  CHECK(first.add(key));
  RetryKeys::Hold second(world.retryKeys, [] { return true; });
  CHECK_FALSE(second.add(key));  // whoever sends the same octets meanwhile means a second mail
  WHEN("the first client vanishes") {
    first.drop();
    THEN("the next is its retry") {
      CHECK(second.add(key));
    }
  }
  WHEN("the first client has left, and its mail is still on its way") {
    firstIsThere = false;
    THEN("the next is its retry, and leaves the key where it is") {
      CHECK(second.add(key));
      second.confirm();
      world.loop.runUntilDone(world.retryKeys.close());
      CHECK(world.storedKeys.forgotten == 0);
    }
  }
  WHEN("the first client has gone on but the store is away") {
    world.storedKeys.failures = 1;
    first.confirm();
    CHECK_FALSE(second.add(key));
    THEN("the key is not lost from sight until it is forgotten") {
      while (world.storedKeys.forgotten == 0) world.loop.runUntilDone(world.loop.sleep(std::chrono::milliseconds(10)));
      CHECK(second.add(key));
    }
  }
  world.loop.runUntilDone(world.retryKeys.close());
}
